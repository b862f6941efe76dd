-- Telling people: who is told at the desk of a region, what a desk has to be told and when, and every message that is on its way.
-- Keeps promise 7 (no timer lives in memory; each step fires exactly once) for what goes out: what is due is a column.

-- Who is told at the desk of a region: a function with an address, never a person by name.
create table posko.contact (
    id           int generated always as identity primary key,
    operation_id int references posko.operation,                  -- null: every operation
    region_code  text collate "C" not null check (region_code = 'ID' or region_code ~ '^[0-9]{2}([.][0-9]{2,4}){0,4}$'),
    channel      text collate "C" not null check (channel ~ '^[a-z][a-z0-9_]{1,30}$'),
    address      text collate "C" not null check (length(address) between 3 and 254 and address !~ '[[:cntrl:][:space:]]'),
    label        text not null check (length(label) between 1 and 120 and label !~ '[[:cntrl:]]'),
    cleared      boolean not null,                                -- may be told what a restricted incident is about
    added_by     int references posko.account,                    -- null: the owner at the command line
    added_at     timestamptz not null,
    removed_by   int references posko.account,
    removed_at   timestamptz,
    check (removed_by is null or removed_at is not null)
);
create unique index contact_once on posko.contact (region_code, channel, lower(address), coalesce(operation_id, 0)) where removed_at is null;

-- What the desk of a region is to be told about one thing: a group of members that fire and are resolved. Open until all are resolved
-- and the desk knows it; the same group firing again later is a new one.
create table posko.notice (
    id           bigint generated always as identity primary key,
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,
    group_key    text collate "C" not null check (length(group_key) between 1 and 200),
    channels     text[] collate "C",                              -- null: all that the desk has
    opened_at    timestamptz not null,
    next_at      timestamptz not null,                            -- when there is perhaps something to tell
    telling      int not null default 0,                          -- how often it was told
    told_at      timestamptz,
    quiet_until  timestamptz,                                     -- changes are not told before
    closed_at    timestamptz,
    check ((telling = 0) = (told_at is null) and (telling = 0) = (quiet_until is null))
) with (fillfactor = 80);
create unique index notice_open on posko.notice (node_id, group_key) where closed_at is null;
create index notice_due on posko.notice (next_at) where closed_at is null;

create table posko.notice_member (
    notice_id     bigint not null references posko.notice,
    member        text collate "C" not null check (length(member) between 1 and 200),
    severity      text collate "C" not null check (severity in ('rendah', 'sedang', 'tinggi', 'kritis')),
    text_id       text not null check (length(text_id) <= 300),
    text_en       text not null check (length(text_en) <= 300),
    state         text collate "C" not null check (state in ('firing', 'resolved')),
    fired_at      timestamptz not null,
    changed_at    timestamptz not null,
    told_state    text collate "C" check (told_state in ('firing', 'resolved')),
    told_severity text collate "C",
    primary key (notice_id, member)
) with (fillfactor = 80);
create index notice_member_firing on posko.notice_member (member) where state = 'firing';

-- One telling of a notice, with what there was to say at that moment: a message that is tried again says the same.
create table posko.telling (
    notice_id bigint not null references posko.notice,
    number    int not null check (number >= 1),
    at        timestamptz not null,
    why       text collate "C" not null check (why in ('new', 'changed', 'repeat', 'resolved')),
    about     json not null,
    primary key (notice_id, number)
);

-- One message to one contact. pending -> sent | failed (given up, or refused for good) | dropped (no longer worth sending).
create table posko.message (
    id          uuid primary key,                                 -- makes the Message-ID: who gets it twice can tell
    notice_id   bigint not null,
    telling     int not null,
    contact_id  int not null references posko.contact,
    channel     text collate "C" not null,
    state       text collate "C" not null default 'pending' check (state in ('pending', 'sent', 'failed', 'dropped')),
    created_at  timestamptz not null,
    attempts    int not null default 0 check (attempts >= 0),
    next_at     timestamptz not null,
    lease_until timestamptz,                                      -- somebody is sending it until then
    fence       int not null default 0,                           -- and only whoever took it last may say how it went
    last_error  text check (length(last_error) <= 300),
    sent_at     timestamptz,
    constraint told_once unique (notice_id, telling, contact_id),
    foreign key (notice_id, telling) references posko.telling,
    check ((state = 'sent') = (sent_at is not null)),
    check (state = 'pending' or lease_until is null)
) with (fillfactor = 70);
create index message_due on posko.message (channel, next_at) where state = 'pending';
create index message_failed on posko.message (created_at) where state = 'failed';
create index message_by_contact on posko.message (contact_id) where state = 'pending';

-- Addresses and what was told are nobody's but the worker's and the keepers' of people: the web's reading role has no policy here.
alter table posko.contact enable row level security, force row level security;
alter table posko.notice enable row level security, force row level security;
alter table posko.notice_member enable row level security, force row level security;
alter table posko.telling enable row level security, force row level security;
alter table posko.message enable row level security, force row level security;
create policy whole on posko.contact to posko_engine, posko_identity, current_user using (true) with check (true);
create policy whole on posko.notice to posko_engine, current_user using (true) with check (true);
create policy whole on posko.notice_member to posko_engine, current_user using (true) with check (true);
create policy whole on posko.telling to posko_engine, current_user using (true) with check (true);
create policy whole on posko.message to posko_engine, current_user using (true) with check (true);
