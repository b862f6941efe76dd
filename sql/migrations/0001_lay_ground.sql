-- The ground: who, where, what is planned, what was seen, and the rollups of it.
-- Keeps the promises 1 (durable), 2 (order does not matter), 3 (children sum to the parent), 12 (reports never change).

create schema posko;

-- The one clock of every SQL statement; the setting posko.now exists for tests and rehearsals only.
create function posko.now() returns timestamptz
language sql volatile
return coalesce(nullif(current_setting('posko.now', true), '')::timestamptz, clock_timestamp());

-- who ------------------------------------------------------------------------------------------------------------

create table posko.account (
    id            int generated always as identity primary key,
    username      text collate "C" not null unique check (username ~ '^[a-z0-9][a-z0-9._-]{1,62}$'),
    full_name     text not null check (length(full_name) between 1 and 120),
    role          text not null check (role in ('petugas', 'operator', 'supervisor', 'admin', 'auditor', 'wall', 'system')),
    scope         text collate "C" not null check (scope = 'ID' or scope ~ '^[0-9]{2}([.][0-9]{2,4}){0,5}$'),
    password_hash text not null,
    created_at    timestamptz not null,
    disabled_at   timestamptz,
    changed_at    timestamptz not null
);

create table posko.session (
    id         int generated always as identity primary key,
    account_id int not null references posko.account,
    token_hash bytea not null unique check (length(token_hash) = 32),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    check (expires_at > created_at)
);
create index session_by_account on posko.session (account_id);
-- Every process asks once a second what was revoked since it last looked.
create index session_by_revocation on posko.session (revoked_at) where revoked_at is not null;
create index account_by_change on posko.account (changed_at);

-- where ----------------------------------------------------------------------------------------------------------

-- One activation of a posko network over one region tree. Every business change locks this row and bumps version.
create table posko.operation (
    id            int generated always as identity primary key,
    name          text not null unique check (length(name) between 1 and 120),
    mode          text not null check (mode in ('live', 'drill')),
    root_code     text collate "C" not null,
    root_level    smallint not null check (root_level between 0 and 5),
    starts_on     date not null,
    voting_day    date not null check (voting_day >= starts_on),
    tps_estimated boolean not null,        -- the division of TPS over kelurahan is an estimate, not the owner's roster
    state         text not null default 'draft' check (state in ('draft', 'active', 'closed')),
    version       bigint not null default 0 check (version >= 0),
    layout        int not null default 1,  -- bumped when regions, TPS, milestones or contests change: cursors start anew
    created_at    timestamptz not null,
    activated_at  timestamptz,
    closed_at     timestamptz,
    check ((state = 'draft') = (activated_at is null)),
    check ((state = 'closed') = (closed_at is not null))
) with (fillfactor = 50);

-- The tree of one operation: regions, and the TPS as its leaves. A code is a path: ancestry is a prefix.
create table posko.node (
    id           int generated always as identity primary key,
    operation_id int not null references posko.operation,
    code         text collate "C" not null,
    parent_id    int references posko.node,
    level        smallint not null check (level between 0 and 6), -- 0 nasional 1 provinsi 2 kabkota 3 kecamatan 4 kelurahan 5 dusun 6 tps
    name         text not null check (length(name) between 1 and 120),
    utc_offset   smallint not null check (utc_offset between 7 and 9),
    path         int[] not null,                                  -- ids from the operation's root to this node itself
    unique (operation_id, code)
);
create index node_by_parent on posko.node (parent_id, code);

-- What the roster's owner says of a TPS, beside its place in the tree.
create table posko.tps (
    node_id      int primary key references posko.node,
    number       smallint not null check (number between 1 and 999),
    voters_l     smallint not null check (voters_l between 0 and 2000),
    voters_p     smallint not null check (voters_p between 0 and 2000),
    address      text check (length(address) <= 300),
    latitude     double precision check (latitude between -90 and 90),
    longitude    double precision check (longitude between -180 and 180),
    indicators   text[] not null default '{}',                    -- Bawaslu: which of the 8 variables of rawan
    police_grade text check (police_grade in ('kurang_rawan', 'rawan', 'sangat_rawan', 'khusus')),
    polsek       text check (length(polsek) <= 120),
    koramil      text check (length(koramil) <= 120),
    check ((latitude is null) = (longitude is null))
);

-- Counters of a region or TPS. `counters` covers the whole subtree; `own` is what was filed for the region itself
-- (null for a TPS: there both are one). Always: counters = own + the sum of the children's counters.
create table posko.rollup (
    node_id  int primary key references posko.node,
    version  bigint not null,
    last_at  timestamptz,                                         -- received_at of the last report
    counters int[] not null,
    own      int[]
) with (fillfactor = 60);

-- what is planned ------------------------------------------------------------------------------------------------

create table posko.contest (
    id           int generated always as identity primary key,
    operation_id int not null references posko.operation,
    kind         text not null check (kind in ('gubernur', 'bupati_walikota')),
    region_code  text collate "C" not null,
    region_level smallint not null check (region_level in (1, 2)),
    unique (operation_id, kind, region_code)
);

create table posko.paslon (
    contest_id int not null references posko.contest,
    number     smallint not null check (number between 1 and 20),
    name       text not null check (length(name) between 1 and 200),
    is_empty_box boolean not null default false,                  -- kotak kosong: a row like any
    primary key (contest_id, number)
);

-- What a report can be about. The counters of a subject are the slots base + 1 .. base + width of every rollup.
create table posko.subject (
    operation_id int not null references posko.operation,
    id           smallint not null,
    name         text not null,                                   -- milestone.voting_open, turnout, count.gubernur, incident ...
    kind         text not null check (kind in ('presence', 'incident', 'nihil', 'unreachable', 'flag', 'milestone', 'custody', 'turnout', 'ballots', 'count')),
    top_level    smallint not null default 0,                     -- a contest rolls up to the level of its region, no further
    not_before   timestamp,                                       -- local to the TPS; observed earlier is flagged
    base         smallint not null check (base >= 0),
    width        smallint not null check (width between 1 and 40),
    primary key (operation_id, id),
    unique (operation_id, name)
);

create table posko.milestone (
    operation_id int not null,
    subject_id   smallint,                                        -- given by api.lay_out
    code         text collate "C" not null check (code ~ '^[a-z][a-z_]{1,40}$'),
    position     smallint not null,
    label_id     text not null check (length(label_id) between 1 and 80),
    label_en     text not null check (length(label_en) between 1 and 80),
    day          smallint not null default 0 check (day between -7 and 30), -- 0 is the voting day
    planned      time not null,                                   -- local to the TPS
    grace        interval not null check (grace >= interval '0'),
    primary key (operation_id, code),
    unique (operation_id, subject_id),
    foreign key (operation_id, subject_id) references posko.subject (operation_id, id)
);

-- The names of the counters, slot by slot: what a frame's numbers mean.
create table posko.counter (
    operation_id int not null references posko.operation,
    slot         smallint not null check (slot >= 1),
    name         text not null,
    top_level    smallint not null,
    primary key (operation_id, slot),
    unique (operation_id, name)
);

-- what was seen --------------------------------------------------------------------------------------------------

-- Immutable: rows are inserted, never updated or deleted.
create table posko.report (
    id           uuid primary key,                                -- made by the client, UUIDv7
    operation_id int not null,
    node_id      int not null,
    account_id   int not null,
    on_behalf_of text,                                            -- whose words they are, when a desk files for another
    version      bigint not null,
    subject_id   smallint,                                        -- null: a correction that only withdraws
    weight       bigint not null,                                 -- of one subject's live reports the least (weight, id) counts
    observed_at  timestamptz not null,
    received_at  timestamptz not null,
    corrects     uuid,
    vals         int[] not null,                                  -- the subject's counters if this report counts
    body         json not null                                    -- as validated: the canonical text of what the client said
);
create index report_by_node on posko.report (node_id, subject_id, weight, id);
create index report_by_correction on posko.report (corrects) where corrects is not null;

-- Derived from the reports: what is doubtful, and which report makes it so.
create table posko.flag (
    node_id    int not null references posko.node,
    kind       text not null check (kind in ('turnout_over', 'votes_sum', 'votes_users', 'early', 'time_future', 'time_before', 'falling', 'berbeda', 'misdirected')),
    subject_id smallint not null,
    report_id  uuid not null,
    primary key (node_id, kind, subject_id, report_id)
);
create index flag_by_report on posko.flag (report_id);

-- A supervisor's word that a flag is settled; it holds for that evidence only.
create table posko.flag_clearing (
    node_id    int not null references posko.node,
    kind       text not null,
    subject_id smallint not null,
    report_id  uuid not null,
    account_id int not null references posko.account,
    reason     text not null check (length(reason) between 3 and 500),
    cleared_at timestamptz not null,
    primary key (node_id, kind, subject_id, report_id)
);
