-- Photo evidence: what is kept of a photo that a report promised. What is promised stands in the report itself, which never changes; a row
-- is written when the bytes are in the store, so there is none for a photo that did not come.
-- Keeps promise 9 (nobody sees or writes outside their scope).

create table posko.photo (
    report_id    uuid not null,
    position     smallint not null check (position between 1 and 4), -- which of the report's promises
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,
    sha256       text collate "C" not null check (sha256 ~ '^[0-9a-f]{64}$'),
    bytes        int not null check (bytes between 1 and 8388608),
    kind         text not null check (kind in ('jpeg', 'png', 'webp', 'heic')),
    width        int not null check (width >= 1),
    height       int not null check (height >= 1),
    object_key   text collate "C" not null unique check (object_key ~ '^[0-9]+/[0-9a-f]{32}$'),
    account_id   int not null references posko.account,
    kept_at      timestamptz not null,
    gone_at      timestamptz check (gone_at >= kept_at),          -- the bytes are forgotten; the hash stays
    primary key (report_id, position),
    check (width::bigint * height <= 40000000)
);
create index photo_by_operation on posko.photo (operation_id) where gone_at is null;
create index photo_by_account on posko.photo (account_id);

alter table posko.photo enable row level security, force row level security;
create policy whole on posko.photo to posko_engine, posko_identity, current_user using (true) with check (true);
create policy seat on posko.photo for select to posko_app using (exists (select from posko.node n where n.id = node_id));
