-- Voice notes: what is kept of the one that a report promised, beside its photos and by the same rules.
-- Keeps promise 9 (nobody sees or writes outside their scope).

create table posko.voice (
    report_id    uuid primary key,
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,
    sha256       text collate "C" not null check (sha256 ~ '^[0-9a-f]{64}$'),
    bytes        int not null check (bytes between 1 and 1048576),
    kind         text not null check (kind in ('webm', 'mp4')),
    object_key   text collate "C" not null unique check (object_key ~ '^[0-9]+/[0-9a-f]{32}$'),
    account_id   int not null references posko.account,
    kept_at      timestamptz not null,
    gone_at      timestamptz check (gone_at >= kept_at)           -- the bytes are forgotten; the hash stays
);
create index voice_by_operation on posko.voice (operation_id) where gone_at is null;
create index voice_by_account on posko.voice (account_id);

alter table posko.voice enable row level security, force row level security;
create policy whole on posko.voice to posko_engine, posko_identity, current_user using (true) with check (true);
create policy seat on posko.voice for select to posko_app using (exists (select from posko.node n where n.id = node_id));
