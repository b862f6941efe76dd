-- Curves: what the rollups said minute by minute, kept apart from them; and finding a place by its name.
-- Keeps the promises 3 (children sum to the parent in every sample), 7 (when to sample is a column), 11 (what is kept has a limit).

-- Of what, how deep and how far an operation is sampled. All times but looked_at are on the operation's clock.
create table posko.curve (
    operation_id  int primary key references posko.operation,
    names         text[] not null,                                -- the counters that are kept, in the order of a point's
    slots         smallint[] not null check (cardinality(slots) = cardinality(names)),
    depth         smallint not null check (depth between 0 and 5), -- the lowest level that has a curve
    version       bigint not null default 0,                      -- of the last sample
    sampled_at    timestamptz not null,                           -- when that was
    next_at       timestamptz not null,                           -- when the next is due
    looked_at     timestamptz not null,                           -- the wall clock of the last look: a drill's clock may run faster than anybody samples
    thinned_until timestamptz not null
);

-- What a region's counters were at a sample before which they had moved. Until its next point they were the same.
create table posko.curve_point (
    node_id  int not null references posko.node,
    at       timestamptz not null,
    version  bigint not null,                                     -- of the sample: the same for every region in it
    counters int[] not null,
    primary key (node_id, at)
);

-- Where nobody sampled while something changed: no line is drawn over it.
create table posko.curve_gap (
    operation_id int not null references posko.operation,
    until_at     timestamptz not null,
    from_at      timestamptz not null check (from_at < until_at),
    primary key (operation_id, until_at)
);

-- The regions of an operation without stepping over its TPS.
create index node_region on posko.node (operation_id, level, id) where level < 6;
-- Words of names, each by how it begins.
create index node_by_name on posko.node using gin (to_tsvector('simple', name)) where level < 6;
-- Where a TPS of a number may be.
create index node_owing on posko.node (operation_id, code) where level in (4, 5);

-- Read through api.curve_of alone.
alter table posko.curve enable row level security, force row level security;
alter table posko.curve_point enable row level security, force row level security;
alter table posko.curve_gap enable row level security, force row level security;
create policy whole on posko.curve to posko_engine, current_user using (true) with check (true);
create policy whole on posko.curve_point to posko_engine, current_user using (true) with check (true);
create policy whole on posko.curve_gap to posko_engine, current_user using (true) with check (true);
