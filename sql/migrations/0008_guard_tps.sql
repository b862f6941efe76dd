-- Readiness before the day and where to go on it: teams that are briefed and there, guards and their TPS, what a grade asks for, what counts how much.
-- Keeps the promises 3 (children sum to the parent) and 9 (nobody sees or writes outside their scope).

-- A team of a posko: briefed (pembekalan) before the day, there on it. Both are facts of their own: a team that came without a briefing came.
create table posko.team (
    id           int generated always as identity primary key,
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,              -- the posko's region
    name         text not null check (length(name) between 1 and 80),
    members      smallint not null check (members between 1 and 500),
    institution  text collate "C" not null references posko.institution,
    briefed_at   timestamptz,
    briefed_by   int references posko.account,
    present_at   timestamptz,
    present_by   int references posko.account,
    withdrawn_at timestamptz,                                     -- a later list does not have it
    version      bigint not null,
    check ((briefed_at is null) = (briefed_by is null)),
    check ((present_at is null) = (present_by is null))
);
create unique index team_standing on posko.team (node_id, lower(name)) where withdrawn_at is null;
create index team_by_version on posko.team (operation_id, version);

-- Who guards TPS: a person or a unit, by a label. No NIK is kept.
create table posko.guard (
    id           int generated always as identity primary key,
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,              -- the lowest region that holds all its TPS (of one TPS its parent)
    name         text not null check (length(name) between 1 and 120),
    institution  text collate "C" not null references posko.institution,
    members      smallint not null check (members between 1 and 200),
    posts        smallint not null check (posts between 0 and 60), -- TPS that stand in guard_post
    account_id   int references posko.account,                    -- may check itself in
    phone        text check (phone ~ '^[+]?[0-9]{6,15}$'),
    withdrawn_at timestamptz,
    version      bigint not null,
    check ((withdrawn_at is null) = (posts > 0))
);
create unique index guard_standing on posko.guard (operation_id, lower(name)) where withdrawn_at is null;
create index guard_by_node on posko.guard (node_id) where withdrawn_at is null;
create index guard_by_version on posko.guard (operation_id, version);

-- A guard at a TPS: one officer covers many.
create table posko.guard_post (
    guard_id      int not null references posko.guard,
    node_id       int not null references posko.node,
    checked_in_at timestamptz,
    checked_in_by int references posko.account,
    left_at       timestamptz check (left_at >= checked_in_at),
    left_by       int references posko.account,
    withdrawn_at  timestamptz,
    primary key (guard_id, node_id),
    check ((checked_in_at is null) = (checked_in_by is null) and (left_at is null) = (left_by is null)),
    check (left_at is null or checked_in_at is not null)
);
create index guard_post_by_node on posko.guard_post (node_id) where withdrawn_at is null;

-- What the police's grade of a TPS asks for: so many polri and so many linmas for every so many TPS (2-4-8: two polri, four TPS, eight linmas).
-- operation_id null: where an operation has none of its own; a new version is a new set.
create table posko.guard_pattern (
    operation_id int references posko.operation,
    version      int not null check (version >= 1),
    grade        text not null check (grade in ('kurang_rawan', 'rawan', 'sangat_rawan', 'khusus')),
    polri        smallint not null check (polri between 0 and 200),
    tps          smallint not null check (tps between 1 and 60),
    linmas       smallint not null check (linmas between 0 and 600),
    author_id    int references posko.account,
    made_at      timestamptz not null,
    unique nulls not distinct (operation_id, version, grade)
);
insert into posko.guard_pattern (version, grade, polri, tps, linmas, made_at)
select 1, p.grade, p.polri, p.tps, p.linmas, posko.now()
from (values ('kurang_rawan', 2, 10, 20), ('rawan', 2, 4, 8), ('sangat_rawan', 2, 2, 4), ('khusus', 2, 1, 2)) as p(grade, polri, tps, linmas);

-- How much a reason to go to a TPS counts: points for each (of an age: for every ten minutes), and at most. A score is the sum.
create table posko.priority_weight (
    operation_id int references posko.operation,
    version      int not null check (version >= 1),
    code         text collate "C" not null check (code in (
        'grade.kurang_rawan', 'grade.rawan', 'grade.sangat_rawan', 'grade.khusus', 'indicator', 'incident.rendah', 'incident.sedang', 'incident.tinggi',
        'incident.kritis', 'incident.age', 'disaster', 'overdue', 'overdue.age', 'unreachable', 'seal_broken', 'flag', 'guard_short', 'guard_absent')),
    points       smallint not null check (points between 0 and 1000),
    most         smallint not null check (most between points and 10000),
    author_id    int references posko.account,
    made_at      timestamptz not null,
    unique nulls not distinct (operation_id, version, code)
);
insert into posko.priority_weight (version, code, points, most, made_at)
select 1, w.code, w.points, w.most, posko.now()
from (values
    ('grade.kurang_rawan', 0, 0), ('grade.rawan', 10, 10), ('grade.sangat_rawan', 20, 20), ('grade.khusus', 15, 15), ('indicator', 3, 15),
    ('incident.rendah', 2, 6), ('incident.sedang', 8, 24), ('incident.tinggi', 20, 60), ('incident.kritis', 40, 120), ('incident.age', 1, 20), ('disaster', 20, 20),
    ('overdue', 12, 30), ('overdue.age', 1, 20), ('unreachable', 25, 25), ('seal_broken', 35, 35), ('flag', 3, 12), ('guard_short', 8, 8), ('guard_absent', 8, 8)
) as w(code, points, most);

-- the second wall --------------------------------------------------------------------------------------------------

alter table posko.team enable row level security, force row level security;
alter table posko.guard enable row level security, force row level security;
alter table posko.guard_post enable row level security, force row level security;

create policy whole on posko.team to posko_engine, current_user using (true) with check (true);
create policy whole on posko.guard to posko_engine, posko_identity, current_user using (true) with check (true);
create policy whole on posko.guard_post to posko_engine, current_user using (true) with check (true);

create policy seat on posko.team for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.guard_post for select to posko_app using (exists (select from posko.node n where n.id = node_id));
-- Whoever sees one of its TPS sees the guard; which others it has, only who sees those.
create policy seat on posko.guard for select to posko_app using (exists (select from posko.guard_post p where p.guard_id = guard.id));
