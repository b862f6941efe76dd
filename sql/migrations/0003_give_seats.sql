-- Who may see and do what: people apart from their accounts, seats, factors, devices, shifts, approvals, the log of who did what;
-- the restricted lane of an operation; and the second wall, row-level security.
-- Keeps promise 9 (nobody sees or writes outside their scope).

-- Three roles beside the owner, so that a mistake in one part of the program cannot reach what another part guards:
-- posko_app reads what the seat of the transaction sees, posko_identity keeps accounts, posko_engine (hub, worker) reads all places.
do $$
declare
    v_role text;
begin
    foreach v_role in array array['posko_app', 'posko_identity', 'posko_engine'] loop
        begin
            if not exists (select from pg_roles where rolname = v_role) then
                execute format('create role %I nologin', v_role);
            end if;
        exception when duplicate_object or unique_violation then
            null; -- another database of this cluster is migrated at the same moment
        end;
        if not pg_has_role(current_user, v_role, 'set') then
            execute format('grant %I to %I with inherit false, set true', v_role, current_user);
        end if;
    end loop;
end $$;

-- people and their accounts --------------------------------------------------------------------------------------

create table posko.institution (
    code     text collate "C" primary key check (code ~ '^[a-z][a-z_]{1,30}$'),
    label_id text not null,
    label_en text not null,
    is_party boolean not null default false
);
insert into posko.institution (code, label_id, label_en, is_party) values
    ('pemkot', 'Pemerintah kota/kabupaten', 'City or regency government', false), ('pemprov', 'Pemerintah provinsi', 'Provincial government', false),
    ('kesbangpol', 'Kesbangpol', 'National unity and politics office', false), ('polri', 'Polri', 'Police', false), ('tni', 'TNI', 'Army', false),
    ('kejaksaan', 'Kejaksaan', 'Prosecutor', false), ('dprd', 'DPRD', 'Council', false), ('kpu', 'KPU', 'Election commission', false),
    ('bawaslu', 'Bawaslu', 'Election supervisor', false), ('satpol_pp', 'Satpol PP', 'Civil service police', false), ('linmas', 'Linmas', 'Community protection', false),
    ('bpbd', 'BPBD', 'Disaster agency', false), ('dinkes', 'Dinas Kesehatan', 'Health office', false), ('damkar', 'Pemadam kebakaran', 'Fire brigade', false),
    ('kominfo', 'Diskominfo', 'Communication office', false), ('dukcapil', 'Dukcapil', 'Civil registry', false), ('pln', 'PLN', 'Electricity company', false),
    ('partai', 'Partai politik', 'Political party', true), ('saksi', 'Saksi paslon', 'Witness of a paslon', true), ('lain', 'Lain-lain', 'Other', false);

alter table posko.account
    add kind text not null default 'person' check (kind in ('person', 'system', 'break_glass')),
    add institution text collate "C" not null default 'lain' references posko.institution,
    add party text check (length(party) between 1 and 80),
    add is_party boolean not null default false,
    add password_until timestamptz,                               -- a password that somebody else has made is to be changed
    alter password_hash drop not null;
alter table posko.institution add unique (code, is_party);
alter table posko.account
    add unique (id, is_party),
    add foreign key (institution, is_party) references posko.institution (code, is_party),
    add check (party is null or is_party);

-- The person behind an account, apart from it: erasing the person leaves every fact that the account stands for.
create table posko.person (
    account_id int primary key references posko.account,
    full_name  text not null check (length(full_name) between 1 and 120),
    phone      text check (phone ~ '^[+]?[0-9]{6,15}$')
);
insert into posko.person (account_id, full_name) select id, full_name from posko.account;

-- A seat: what an account may do, where, in which operation (null: every one), from when until when.
create table posko.assignment (
    id           int generated always as identity primary key,
    account_id   int not null,
    is_party     boolean not null,
    role         text not null check (role in ('petugas', 'operator', 'supervisor', 'admin', 'auditor', 'wall', 'system')),
    regions      text[] collate "C" not null check (cardinality(regions) between 1 and 64
                     and array_to_string(regions, ' ', 'x') ~ '^(ID|[0-9]{2}([.][0-9]{2,4}){0,5})( (ID|[0-9]{2}([.][0-9]{2,4}){0,5}))*$'),
    operation_id int references posko.operation,
    cleared      boolean not null default false,
    starts_at    timestamptz not null,
    ends_at      timestamptz check (ends_at > starts_at),
    granted_by   int references posko.account,
    granted_at   timestamptz not null,
    revoked_at   timestamptz,
    changed_at   timestamptz not null,
    foreign key (account_id, is_party) references posko.account (id, is_party) on update cascade,
    constraint party_is_never_cleared check (not (cleared and is_party)),
    check (not (cleared and role = 'wall'))
);
create index assignment_by_account on posko.assignment (account_id);
create index assignment_by_change on posko.assignment (changed_at);
insert into posko.assignment (account_id, is_party, role, regions, starts_at, granted_at, changed_at)
select id, false, role, array[scope], created_at, posko.now(), created_at from posko.account;
alter table posko.account drop column full_name, drop column role, drop column scope;

-- factors, devices, sessions --------------------------------------------------------------------------------------

create table posko.totp (
    account_id   int primary key references posko.account,
    secret       bytea not null,                                  -- sealed with the service's key
    confirmed_at timestamptz,
    last_step    bigint                                           -- a code counts once
);

create table posko.passkey (
    id            int generated always as identity primary key,
    account_id    int not null references posko.account,
    credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
    public_key    bytea not null,
    sign_count    bigint not null,
    name          text not null check (length(name) between 1 and 60),
    created_at    timestamptz not null,
    last_used_at  timestamptz
);
create index passkey_by_account on posko.passkey (account_id);

-- A phone or desk whose browser holds a key that never leaves it; with a PIN of six digits it signs its account in.
create table posko.device (
    id            int generated always as identity primary key,
    account_id    int not null references posko.account,
    public_key    bytea not null,
    pin_hash      text not null,
    pin_failures  smallint not null default 0 check (pin_failures between 0 and 5), -- at five it is locked
    name          text not null check (length(name) between 1 and 60),
    enrolled_at   timestamptz not null,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
create index device_by_account on posko.device (account_id);

-- A QR on a screen or sheet: one device may be enrolled with it, once, while it lasts.
create table posko.enrolment (
    id            int generated always as identity primary key,
    code_hash     bytea not null unique check (length(code_hash) = 32),
    account_id    int not null references posko.account,
    assignment_id int not null references posko.assignment,
    issued_by     int not null references posko.account,
    issued_at     timestamptz not null,
    expires_at    timestamptz not null check (expires_at > issued_at and expires_at <= issued_at + interval '72 hours'),
    used_at       timestamptz,
    device_id     int references posko.device
);
create index enrolment_by_account on posko.enrolment (account_id);

-- What a passkey or device is asked to sign: used once, by whoever deletes it first.
create unlogged table posko.challenge (
    id         uuid primary key,
    purpose    text not null check (purpose in ('register', 'authenticate', 'device')),
    account_id int,
    device_id  int,
    bytes      bytea not null,
    expires_at timestamptz not null
);
create index challenge_by_expiry on posko.challenge (expires_at);

alter table posko.session
    add assignment_id int references posko.assignment,
    add device_id int references posko.device,
    add kind text not null default 'sign_in' check (kind in ('sign_in', 'key')),
    add factors text[] not null default '{password}',
    add must_enrol text check (must_enrol in ('totp', 'passkey')),
    add idle interval,
    add seen_at timestamptz,
    add stepped_up_at timestamptz,
    add name text check (length(name) <= 60),
    add address text check (length(address) <= 64);
update posko.session set seen_at = created_at, revoked_at = coalesce(revoked_at, posko.now());
alter table posko.session alter seen_at set not null;
create index session_by_device on posko.session (device_id) where device_id is not null;
create index session_by_assignment on posko.session (assignment_id);

-- piket -----------------------------------------------------------------------------------------------------------

-- Who is on duty at the desk of a region: one shift of one person, handed over with a note that the next one acknowledges.
create table posko.shift (
    id              int generated always as identity primary key,
    operation_id    int not null references posko.operation,
    region_code     text collate "C" not null,
    account_id      int not null references posko.account,
    took_over_from  int unique references posko.shift,
    began_at        timestamptz not null,
    note            text check (length(note) between 1 and 4000),
    handed_to       int references posko.account check (handed_to <> account_id),
    handed_over_at  timestamptz,
    acknowledged_at timestamptz,
    ended_at        timestamptz check (ended_at >= began_at),
    check ((note is null) = (handed_over_at is null) and (handed_to is null) = (handed_over_at is null)),
    check (acknowledged_at is null or handed_over_at is not null and ended_at = acknowledged_at)
);
create unique index shift_on_duty on posko.shift (operation_id, region_code, account_id) where ended_at is null;
create index shift_by_desk on posko.shift (operation_id, region_code, began_at);

-- the two-person rule -----------------------------------------------------------------------------------------------

create table posko.approval (
    id           int generated always as identity primary key,
    kind         text not null check (kind in ('void_report', 'reopen_operation', 'clear_flags', 'export_log')),
    operation_id int not null references posko.operation,
    region_code  text collate "C" not null,                       -- the place that it is about
    details      json not null,
    reason       text not null check (length(reason) between 3 and 500),
    requested_by int not null references posko.account,
    requested_in int not null references posko.assignment,
    requested_at timestamptz not null,
    expires_at   timestamptz not null,
    decided_by   int references posko.account,
    decision     text check (decision in ('approved', 'refused')),
    decided_why  text check (length(decided_why) between 3 and 500),
    decided_at   timestamptz,
    used_at      timestamptz,                                     -- an approved export is downloaded once
    constraint two_persons check (decided_by <> requested_by),
    check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null))
);
create index approval_open on posko.approval (operation_id, region_code) where decision is null;

-- who did what -----------------------------------------------------------------------------------------------------

-- Append-only: no role but the owner's may change a row, and no code does but the erasure of a person, which takes their address out.
create table posko.log_entry (
    id           bigint generated always as identity primary key,
    at           timestamptz not null,
    account_id   int references posko.account,
    username     text,                                            -- as tried, where there is no account
    role         text,
    session_id   int,
    action       text collate "C" not null check (action ~ '^[a-z][a-z_.]{2,40}$'),
    outcome      text collate "C" not null check (outcome in ('done', 'refused')),
    operation_id int,
    region_code  text collate "C",
    restricted   boolean not null default false,
    subject      text check (length(subject) <= 200),
    detail       text check (length(detail) <= 500),
    address      text check (length(address) <= 64),
    times        int not null default 1 check (times >= 1)        -- equal refusals within a moment are one row
);
create index log_by_region on posko.log_entry (region_code, id);
create index log_by_account on posko.log_entry (account_id, id);

-- the restricted lane ----------------------------------------------------------------------------------------------

-- What is terbatas lives in an operation of its own beside the one that it restricts: its own places, counters and versions. The open
-- operation does not move when something restricted is filed, so there is nothing that could leak: no count, no version, no frame.
alter table posko.operation
    add restricts int unique references posko.operation check (restricts <> id),
    add name_salt bytea not null default sha256(gen_random_uuid()::text::bytea),
    add names_until date;
update posko.operation set names_until = greatest(voting_day, posko.now()::date) + 365;
alter table posko.operation alter names_until set not null;

-- Of a place in a lane: what its operation restricts. Here too, so that the wall has not to ask for every row.
alter table posko.node add restricts int;

-- People that a report names, apart from what it says: reports bear keyed digests of the names, and stay when the names go.
create table posko.report_person (
    report_id    uuid not null,
    position     smallint not null,
    operation_id int not null,
    part         text not null check (part in ('pelapor', 'korban', 'saksi', 'terlapor', 'petugas', 'lain')),
    name         text not null check (length(name) between 1 and 120),
    primary key (report_id, position)
);
create index report_person_by_name on posko.report_person (lower(name));
create index report_person_by_operation on posko.report_person (operation_id);
insert into posko.report_person (report_id, position, operation_id, part, name)
select id, 0, operation_id, 'pelapor', on_behalf_of from posko.report where on_behalf_of is not null;
comment on column posko.report.on_behalf_of is 'keyed digest of the name in report_person';

-- the second wall ---------------------------------------------------------------------------------------------------

-- What the beginning of a transaction says of its seat (posko/db.py, Reach): its regions, each with a dot at its end ('' is the nation),
-- what lies above them, its one operation, whether it is cleared. Unset, and what a pooled connection leaves of a setting when its
-- transaction ends (''), is null: nothing is seen.
create function posko.scope() returns text[]
language sql stable
return nullif(current_setting('posko.scope', true), '')::text[];
create function posko.above_scope() returns text[]
language sql stable
return nullif(current_setting('posko.above', true), '')::text[];
create function posko.one_operation() returns int
language sql stable
return nullif(current_setting('posko.operation', true), '')::int;
create function posko.is_cleared() returns boolean
language sql stable
return current_setting('posko.cleared', true) = 'on';

alter table posko.operation enable row level security, force row level security;
alter table posko.node enable row level security, force row level security;
alter table posko.tps enable row level security, force row level security;
alter table posko.rollup enable row level security, force row level security;
alter table posko.report enable row level security, force row level security;
alter table posko.report_person enable row level security, force row level security;
alter table posko.flag enable row level security, force row level security;
alter table posko.flag_clearing enable row level security, force row level security;

create policy whole on posko.operation to posko_engine, posko_identity, current_user using (true) with check (true);
create policy whole on posko.node to posko_engine, posko_identity, current_user using (true) with check (true);
create policy whole on posko.tps to posko_engine, current_user using (true) with check (true);
create policy whole on posko.rollup to posko_engine, current_user using (true) with check (true);
create policy whole on posko.report to posko_engine, current_user using (true) with check (true);
create policy whole on posko.report_person to posko_engine, posko_identity, current_user using (true) with check (true);
create policy whole on posko.flag to posko_engine, current_user using (true) with check (true);
create policy whole on posko.flag_clearing to posko_engine, current_user using (true) with check (true);

create policy seat on posko.operation for select to posko_app using (
    (restricts is null or (select posko.is_cleared()))
    and ((select posko.one_operation()) is null or (select posko.one_operation()) in (id, restricts))
    and ((root_code || '.') ^@ any ((select posko.scope())::text[]) or root_code || '.' = any ((select posko.above_scope())::text[])));
create policy seat on posko.node for select to posko_app using (
    (code || '.') ^@ any ((select posko.scope())::text[])
    and (restricts is null or (select posko.is_cleared()))
    and ((select posko.one_operation()) is null or (select posko.one_operation()) in (operation_id, restricts)));
create policy seat on posko.tps for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.rollup for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.report for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.report_person for select to posko_app using (exists (select from posko.report r where r.id = report_id));
create policy seat on posko.flag for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.flag_clearing for select to posko_app using (exists (select from posko.node n where n.id = node_id));
