-- A flag has a past: since when it stands, and once it stands no more when that was and which report has overtaken it. Nothing that was ever
-- shown as doubtful is lost. Keeps promise 12 for what the reports gave rise to.
alter table posko.flag add column raised_at timestamptz;          -- null: raised before this was kept

-- Flags that stood once. The same one may stand again, and end again.
create table posko.flag_past (
    node_id    int not null references posko.node,
    kind       text not null,
    subject_id smallint not null,
    report_id  uuid not null,
    raised_at  timestamptz,
    ended_at   timestamptz not null,
    ended_by   uuid,                                              -- of that report of the place; null: its day began anew, or it is judged otherwise
    primary key (node_id, kind, subject_id, report_id, ended_at)
);
alter table posko.flag_past enable row level security, force row level security;
create policy whole on posko.flag_past to posko_engine, current_user using (true) with check (true);
create policy seat on posko.flag_past for select to posko_app using (exists (select from posko.node n where n.id = node_id));

-- Which kinds there are is api.flag_kinds: an operation judges those that it has counters of.
alter table posko.flag drop constraint flag_kind_check;
alter table posko.flag add constraint flag_kind_check check (kind ~ '^[a-z_]{1,30}$');
