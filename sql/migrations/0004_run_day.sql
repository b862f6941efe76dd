-- Running the day: obligations and silence, incidents as cases with their log, escalation, outages, revotes, the clock of a drill.
-- Keeps the promises 3 (children sum to the parent), 7 (no timer lives in memory), 8 (silence is an alarm), 12 (the log is only added to).

alter table posko.approval drop constraint approval_kind_check;
alter table posko.approval add constraint approval_kind_check check (kind in ('void_report', 'void_incident', 'reopen_operation', 'clear_flags', 'export_log'));

alter table posko.subject drop constraint subject_kind_check;
alter table posko.subject add constraint subject_kind_check check (kind in (
    'presence', 'incident', 'nihil', 'unreachable', 'flag', 'milestone', 'custody', 'turnout', 'ballots', 'count',
    'case', 'alarm', 'directive', 'team', 'guard'));

-- A drill may be played at another hour and speed than the wall clock's: at clock_set_at it was clock_at, and went on clock_speed times as fast.
alter table posko.operation
    add clock_at     timestamptz,
    add clock_set_at timestamptz,
    add clock_speed  double precision check (clock_speed between 0 and 100000),
    add incidents    int not null default 0, -- numbers given to incidents so far
    add present_every interval not null default interval '60 minutes' check (present_every >= interval '1 minute'),
    add constraint clock_whole check ((clock_at is null) = (clock_set_at is null) and (clock_at is null) = (clock_speed is null)),
    add constraint clock_of_drill check (clock_at is null or mode = 'drill');

-- what is due ------------------------------------------------------------------------------------------------------

-- That every TPS below a kelurahan reports a milestone by due_at (planned hour and grace, local to the TPS): made at activation. A TPS with
-- a clock of its own (a revote) has rows of its own instead. What each TPS owes is said by this and by its counters; see api.cells.
create table posko.obligation (
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,
    subject_id   smallint not null,
    due_at       timestamptz not null,
    overdue_at   timestamptz,                                     -- when it was found that it had passed
    alarmed_at   timestamptz check (alarmed_at is null or overdue_at is not null), -- when it was decided whether that is an alarm
    primary key (node_id, subject_id)
);
create index obligation_due on posko.obligation (operation_id, due_at, node_id) where overdue_at is null;
create index obligation_alarm on posko.obligation (operation_id, node_id) where overdue_at is not null and alarmed_at is null;

-- A TPS that need not report a milestone, on whose word and why.
create table posko.excuse (
    node_id      int not null references posko.node,
    subject_id   smallint not null,
    reason       text not null check (length(reason) between 3 and 500),
    account_id   int not null references posko.account,
    excused_at   timestamptz not null,
    withdrawn_at timestamptz,
    withdrawn_by int references posko.account,
    primary key (node_id, subject_id, excused_at),
    check ((withdrawn_at is null) = (withdrawn_by is null))
);
create unique index excuse_standing on posko.excuse (node_id, subject_id) where withdrawn_at is null;

-- A TPS that votes again (psu), later (pss) or goes on later (psl): its day begins anew. What was observed before counts_from
-- stays in its timeline and counts no more.
create table posko.revote (
    node_id     int primary key references posko.node,
    kind        text not null check (kind in ('psu', 'pss', 'psl')),
    vote_on     date not null,
    counts_from timestamptz,
    incident_id uuid not null,
    account_id  int not null references posko.account,
    decided_at  timestamptz not null,
    check (kind <> 'psl' or counts_from is null)
);

-- Something over an area that explains its silence: while it lasts, alarms in it climb no further.
create table posko.outage (
    id           uuid primary key,
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,
    kind         text not null check (kind in ('listrik', 'seluler', 'internet', 'banjir', 'bencana', 'pemeliharaan')),
    reason       text not null check (length(reason) between 3 and 500),
    account_id   int not null references posko.account,
    began_at     timestamptz not null,
    until        timestamptz not null check (until > began_at and until <= began_at + interval '24 hours'),
    ended_at     timestamptz,
    ended_by     int references posko.account
);
create index outage_standing on posko.outage (operation_id, node_id) where ended_at is null;

-- Silence that somebody must look into: one per kelurahan and milestone, per kota that went silent, per desk that owes a tap or a nihil.
create table posko.alarm (
    id              uuid primary key default uuidv7(),
    operation_id    int not null references posko.operation,
    node_id         int not null references posko.node,
    kind            text not null check (kind in ('belum_lapor', 'kota_diam', 'hadir', 'nihil')),
    subject_id      smallint check ((subject_id is null) = (kind in ('hadir', 'nihil'))),
    missing         int not null check (missing >= 0),
    expected        int not null check (expected >= missing),
    peak            int not null check (peak >= missing),
    opened_at       timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by int references posko.account,
    closed_at       timestamptz check (closed_at >= opened_at),
    version         bigint not null,
    check ((acknowledged_at is null) = (acknowledged_by is null))
);
create unique index alarm_open on posko.alarm (node_id, kind, subject_id) nulls not distinct where closed_at is null;
create index alarm_standing on posko.alarm (operation_id, opened_at) where closed_at is null;
create index alarm_by_version on posko.alarm (operation_id, version);

-- What a desk owes again and again: a nihil, or an incident, by due_at; what was received after `since` counts.
create table posko.duty (
    node_id      int primary key references posko.node,
    operation_id int not null references posko.operation,
    every        interval not null check (every between interval '1 minute' and interval '31 days'),
    since        timestamptz not null,
    due_at       timestamptz not null check (due_at > since)
);
create index duty_due on posko.duty (operation_id, due_at);
-- When whoever is on duty last said to be there.
alter table posko.shift add present_at timestamptz;
update posko.shift set present_at = began_at;

-- what is wrong ----------------------------------------------------------------------------------------------------

-- What incidents can be about. operation_id null: what holds where an operation has no list of its own; a new version is a new list.
create table posko.category (
    operation_id int references posko.operation,
    version      int not null,
    position     smallint not null,
    code         text collate "C" not null check (code ~ '^[a-z][a-z_]{1,30}([.][a-z][a-z_]{1,30})?$'),
    label_id     text not null check (length(label_id) between 1 and 80),
    label_en     text not null check (length(label_en) between 1 and 80),
    unique nulls not distinct (operation_id, version, code)
);

-- The legal moves of an incident: the log refers to them, so that none that is not here can be written.
create table posko.incident_move (
    action      text collate "C" not null,
    from_status text collate "C" not null,
    to_status   text collate "C" not null,
    primary key (action, from_status, to_status)
);
insert into posko.incident_move (action, from_status, to_status) values
    ('acknowledgement', 'baru', 'diterima'), ('acknowledgement', 'dibuka_kembali', 'diterima'),
    -- A higher tier accepts what has climbed to it; the work goes on.
    ('acknowledgement', 'diterima', 'diterima'), ('acknowledgement', 'ditangani', 'ditangani'),
    ('handling', 'diterima', 'ditangani'),
    ('resolution', 'diterima', 'selesai'), ('resolution', 'ditangani', 'selesai'),
    ('closure', 'selesai', 'ditutup'),
    ('reopening', 'selesai', 'dibuka_kembali'), ('reopening', 'ditutup', 'dibuka_kembali'),
    -- What nobody has touched follows its reports.
    ('corrected', 'baru', 'baru'), ('withdrawn', 'baru', 'batal'), ('returned', 'batal', 'baru');
insert into posko.incident_move
select a, s, case a when 'merge' then 'digabung' else 'batal' end
from unnest(array['merge', 'void']) as a, unnest(array['baru', 'diterima', 'ditangani', 'selesai', 'dibuka_kembali']) as s;
-- What is done to an open incident and leaves its status.
insert into posko.incident_move
select a, s, s
from unnest(array['verification', 'classification', 'owner', 'parent', 'snooze', 'escalation', 'delegation', 'referral', 'referral_done', 'advice',
                  'advice_given', 'location', 'revote', 'step', 'vacant', 'quiet', 'overdue', 'report', 'report_withdrawn', 'merged_in']) as a,
     unnest(array['baru', 'diterima', 'ditangani', 'dibuka_kembali']) as s;
-- What is still said of one that is over.
insert into posko.incident_move
select a, s, s
from unnest(array['verification', 'classification', 'parent', 'referral_done', 'advice_given', 'location', 'revote', 'report', 'report_withdrawn', 'merged_in']) as a,
     unnest(array['selesai', 'ditutup']) as s
union all
select 'comment', s, s from unnest(array['baru', 'diterima', 'ditangani', 'selesai', 'ditutup', 'dibuka_kembali', 'digabung', 'batal']) as s
union all
select a, s, s from unnest(array['report', 'report_withdrawn']) as a, unnest(array['digabung', 'batal']) as s;

-- A case: what reports open or join, worked until it is closed. Its id is that of the report that opened it.
create table posko.incident (
    id              uuid primary key,
    operation_id    int not null references posko.operation,
    node_id         int not null references posko.node,
    place           text collate "C" not null,                    -- the node's code, which never changes
    number          int not null check (number >= 1),
    category        text collate "C" not null,
    severity        smallint not null check (severity between 1 and 4), -- rendah sedang tinggi kritis
    occurrence      text not null check (occurrence in ('terjadi', 'sedang', 'potensi')),
    people          int check (people between 0 and 1000000),
    summary         text not null check (length(summary) between 1 and 2000),
    status          text not null check (status in ('baru', 'diterima', 'ditangani', 'selesai', 'ditutup', 'dibuka_kembali', 'digabung', 'batal')),
    verification    text not null default 'belum' check (verification in ('belum', 'terverifikasi', 'tidak_benar')),
    proof           text check (length(proof) between 3 and 2000),
    stage           text not null,
    tier            smallint not null check (tier between 0 and 5), -- whose it is: the level of the desk that it has climbed to
    owner_id        int references posko.account,
    reports         int not null default 0,
    entries         int not null default 0,                       -- rows of its log
    opened_at       timestamptz not null,
    acknowledge_by  timestamptz not null,
    resolve_by      timestamptz not null,
    acknowledged_at timestamptz,
    resolved_at     timestamptz,
    closed_at       timestamptz,
    overdue_at      timestamptz,                                  -- found past acknowledge_by or resolve_by
    parent_id       uuid references posko.incident,
    merged_into     uuid references posko.incident,
    latitude        double precision check (latitude between -90 and 90),
    longitude       double precision check (longitude between -180 and 180),
    revote_kind     text check (revote_kind in ('psu', 'pss', 'psl')),
    revote_decider  text check (length(revote_decider) between 2 and 80),
    revote_by       timestamptz,                                  -- the law's last day for it
    revote_on       date,                                         -- decided
    version         bigint not null,
    changed_at      timestamptz not null,
    search          tsvector generated always as (to_tsvector('indonesian', summary || ' ' || replace(replace(category, '_', ' '), '.', ' '))) stored,
    unique (operation_id, number),
    check (parent_id <> id and merged_into <> id),
    check ((status = 'digabung') = (merged_into is not null)),
    check ((verification = 'terverifikasi') <= (proof is not null)),
    check (status not in ('diterima', 'ditangani') or acknowledged_at is not null),
    check ((status in ('selesai', 'ditutup')) <= (resolved_at is not null)),
    check ((status = 'ditutup') = (closed_at is not null)),
    check ((latitude is null) = (longitude is null)),
    check ((revote_kind is null) <= (revote_on is null and revote_by is null and revote_decider is null))
);
create index incident_by_place on posko.incident (operation_id, place, number);
create index incident_by_version on posko.incident (operation_id, version);
create index incident_by_node on posko.incident (node_id);
create index incident_by_parent on posko.incident (parent_id) where parent_id is not null;
create index incident_by_merge on posko.incident (merged_into) where merged_into is not null;
create index incident_search on posko.incident using gin (search);
create index incident_late on posko.incident (operation_id, (case when acknowledged_at is null then acknowledge_by else resolve_by end))
    where overdue_at is null and status in ('baru', 'diterima', 'ditangani', 'dibuka_kembali');

-- Which reports an incident is made of.
create table posko.incident_report (
    report_id   uuid primary key references posko.report,
    incident_id uuid not null references posko.incident
);
create index incident_report_by_incident on posko.incident_report (incident_id);

-- The log of an incident: added to, never changed. account_id null: posko itself.
create table posko.incident_entry (
    incident_id uuid not null references posko.incident,
    seq         int not null check (seq >= 1),
    at          timestamptz not null,
    account_id  int references posko.account,
    channel     text not null check (channel in ('app', 'desk', 'sms', 'whatsapp', 'radio', 'telepon', 'api', 'posko')),
    action      text collate "C" not null,
    from_status text collate "C",
    to_status   text collate "C" not null,
    said        text check (length(said) between 1 and 2000),
    details     json,
    primary key (incident_id, seq),
    constraint legal_move foreign key (action, from_status, to_status) references posko.incident_move,
    check ((action = 'open') = (from_status is null))
);

-- Advice asked and given; an agency referred to, and what it did.
create table posko.incident_request (
    incident_id uuid not null references posko.incident,
    number      smallint not null check (number between 1 and 200),
    kind        text not null check (kind in ('advice', 'referral')),
    addressee   text not null check (length(addressee) between 2 and 80), -- an institution's code, or the code of a region's desk
    question    text not null check (length(question) between 3 and 2000),
    asked_by    int not null references posko.account,
    asked_at    timestamptz not null,
    answer      text check (length(answer) between 3 and 2000),
    answered_by int references posko.account,
    answered_at timestamptz,
    primary key (incident_id, number),
    check ((answer is null) = (answered_by is null) and (answer is null) = (answered_at is null))
);

create table posko.incident_watcher (
    incident_id uuid not null references posko.incident,
    account_id  int not null references posko.account,
    since       timestamptz not null,
    primary key (incident_id, account_id)
);
create index incident_watcher_by_account on posko.incident_watcher (account_id);

-- escalation -------------------------------------------------------------------------------------------------------

-- A stretch of the election, local to the place. operation_id null: where an operation has none of its own.
create table posko.stage (
    operation_id int references posko.operation,
    code         text collate "C" not null check (code ~ '^[a-z][a-z_]{1,30}$'),
    label_id     text not null,
    label_en     text not null,
    day          smallint not null check (day between -365 and 60),
    begins       time not null,
    unique nulls not distinct (operation_id, code),
    unique nulls not distinct (operation_id, day, begins)
);

-- Who is told when: of an operation's rules of its last version the first that fits. A new version is a new set of rules.
-- steps: [{"tier": 4, "after_s": 300, "channels": ["console", ...], "share": null}], after_s counted from the step before; an alarm's step comes
-- at once where at least `share` per cent are missing.
create table posko.rule (
    operation_id       int references posko.operation,
    version            int not null check (version >= 1),
    position           smallint not null,
    name               text not null check (length(name) between 1 and 80),
    about              text not null check (about in ('incident', 'alarm', 'directive')),
    kinds              text[],                                    -- categories of incidents (a main one covers its own), kinds of alarms; null: any
    severities         smallint[],
    stages             text[],
    steps              jsonb not null check (jsonb_array_length(steps) between 1 and 12),
    repeats            smallint not null default 0 check (repeats between 0 and 9),
    repeat_after       interval not null default interval '30 minutes' check (repeat_after >= interval '1 minute'),
    quiet_after        interval check (quiet_after >= interval '1 minute'),
    acknowledge_within interval not null check (acknowledge_within >= interval '1 minute'),
    resolve_within     interval not null check (resolve_within >= interval '1 minute'),
    author_id          int references posko.account,
    made_at            timestamptz not null,
    unique nulls not distinct (operation_id, version, position)
);

-- The climbing of one incident, alarm or directive: a copy of the rule as it was, and when what comes next is due.
create table posko.escalation (
    subject_id   uuid primary key,
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,
    about        text not null check (about in ('incident', 'alarm', 'directive')),
    rule         text not null,
    steps        jsonb not null,
    repeats      smallint not null,
    repeat_after interval not null,
    quiet_after  interval,
    acknowledge_within interval,                                  -- of an incident: its hours, when it is opened and opened again
    resolve_within     interval,
    state        text not null check (state in ('climbing', 'accepted', 'stopped', 'exhausted')),
    round         smallint not null default 1 check (round >= 1),
    step         smallint not null default 1 check (step >= 1),   -- the next to fire
    next_at      timestamptz,
    held_until   timestamptz,                                     -- snoozed
    check ((state = 'climbing') <= (next_at is not null)),
    check ((state in ('stopped', 'exhausted')) <= (next_at is null)),
    check ((state = 'climbing') <= (step <= jsonb_array_length(steps)))
);
create index escalation_due on posko.escalation (operation_id, next_at) where next_at is not null;

-- A step that was taken. Its key is the promise that each is taken once.
create table posko.firing (
    subject_id uuid not null references posko.escalation,
    round       smallint not null,
    step       smallint not null,
    node_id    int not null references posko.node,                -- the desk that it was for
    due_at     timestamptz not null,
    fired_at   timestamptz not null,
    outcome    text not null check (outcome in ('told', 'vacant', 'by_hand')),
    primary key (subject_id, round, step)
);

-- defaults ---------------------------------------------------------------------------------------------------------

insert into posko.category (version, position, code, label_id, label_en)
select 1, row_number() over (), c.code, c.label_id, c.label_en
from (values
    ('logistik', 'Logistik', 'Logistics'), ('logistik.terlambat', 'Logistik terlambat', 'Logistics late'), ('logistik.kurang', 'Logistik kurang', 'Logistics missing'),
    ('logistik.lebih', 'Logistik lebih', 'Logistics in excess'), ('logistik.rusak', 'Logistik rusak', 'Logistics damaged'), ('logistik.tertukar', 'Logistik tertukar', 'Logistics swapped'),
    ('kpps', 'KPPS', 'KPPS'), ('kpps.kurang', 'KPPS kurang', 'KPPS incomplete'), ('kpps.sakit', 'KPPS sakit', 'KPPS ill'), ('kpps.meninggal', 'KPPS meninggal', 'KPPS deceased'),
    ('kpps.prosedur', 'Tidak sesuai prosedur', 'Procedure not followed'),
    ('pemilih', 'Pemilih', 'Voters'), ('pemilih.ganda', 'Pemilih ganda', 'Voter listed twice'), ('pemilih.tidak_terdaftar', 'Pemilih tidak terdaftar', 'Voter not listed'),
    ('pemilih.dpk_ditolak', 'DPK ditolak', 'DPK refused'), ('pemilih.mobilisasi', 'Mobilisasi pemilih', 'Voters brought in'), ('pemilih.disabilitas', 'Akses disabilitas', 'Access for the disabled'),
    ('politik_uang', 'Politik uang', 'Vote buying'), ('intimidasi', 'Intimidasi/kekerasan', 'Intimidation, violence'), ('kampanye', 'Kampanye terlarang', 'Forbidden campaigning'),
    ('netralitas', 'Netralitas ASN/TNI/Polri', 'Neutrality of officials'), ('kerusuhan', 'Kerusuhan/massa', 'Riot, crowd'), ('benda_mencurigakan', 'Benda mencurigakan', 'Suspicious object'),
    ('bencana', 'Bencana', 'Disaster'), ('bencana.banjir', 'Banjir', 'Flood'), ('bencana.longsor', 'Longsor', 'Landslide'), ('bencana.angin', 'Angin kencang', 'Storm'),
    ('bencana.gempa', 'Gempa', 'Earthquake'), ('bencana.kebakaran', 'Kebakaran', 'Fire'),
    ('listrik_internet', 'Listrik/internet', 'Power, network'), ('saksi', 'Saksi', 'Witnesses'),
    ('hasil', 'Hasil', 'Results'), ('hasil.tidak_cocok', 'Jumlah tidak cocok', 'Totals do not match'), ('hasil.salinan', 'C.Hasil tak dibagi', 'C.Hasil not given out'),
    ('hasil.hitung_dini', 'Hitung dini', 'Count begun early'), ('hasil.tertutup', 'Hitung tertutup', 'Count behind closed doors'),
    ('kotak_segel', 'Kotak/segel', 'Box, seal'), ('hoaks', 'Hoaks', 'Hoax'), ('rekap', 'Rekapitulasi', 'Recapitulation'), ('rawan_psu', 'Rawan PSU/PSS/PSL', 'Possible revote'),
    ('korban', 'Korban jiwa/luka', 'Casualties'), ('lain', 'Lain-lain', 'Other')
) as c(code, label_id, label_en);

insert into posko.stage (code, label_id, label_en, day, begins) values
    ('persiapan', 'Persiapan', 'Preparation', -365, '00:00'), ('masa_tenang', 'Masa tenang', 'Silence period', -3, '00:00'),
    ('distribusi', 'Distribusi logistik', 'Distribution', -1, '00:00'), ('pembukaan', 'Pembukaan', 'Opening', 0, '00:00'),
    ('pemungutan', 'Pemungutan suara', 'Voting', 0, '07:30'), ('penghitungan', 'Penghitungan suara', 'Count', 0, '13:00'),
    ('rekapitulasi', 'Rekapitulasi', 'Recapitulation', 1, '06:00');

-- One ladder written short: tiers with the minutes after the step before.
insert into posko.rule (version, position, name, about, kinds, severities, stages, steps, repeats, quiet_after, acknowledge_within, resolve_within, made_at)
select 1, r.position, r.name, r.about, r.kinds, r.severities, r.stages,
       (select jsonb_agg(jsonb_build_object('tier', l.tier, 'after_s', l.minutes * 60, 'channels', jsonb_build_array('console', 'email', 'webhook'), 'share', l.share)
                         order by l.i)
        from rows from (unnest(r.tiers), unnest(r.minutes), unnest(r.shares)) with ordinality as l(tier, minutes, share, i)),
       r.repeats, make_interval(mins => r.quiet), make_interval(mins => r.acknowledge), make_interval(mins => r.resolve), posko.now()
from (values
    (1, 'kritis', 'incident', null::text[], '{4}'::smallint[], null::text[], '{4,3,2,1,0}'::int[], '{0,3,5,10,20}'::int[], null::int[], 2, 15, 3, 60),
    (2, 'logistik saat pembukaan', 'incident', '{logistik,kpps,kotak_segel}', '{2,3}', '{distribusi,pembukaan}', '{4,3,2,1}', '{0,5,10,20}', null, 1, 15, 5, 45),
    (3, 'tinggi', 'incident', null, '{3}', null, '{4,3,2,1}', '{0,10,15,30}', null, 1, 30, 10, 120),
    (4, 'sedang', 'incident', null, '{2}', null, '{4,3,2}', '{0,20,40}', null, 0, 60, 20, 240),
    (5, 'rendah', 'incident', null, '{1}', null, '{4,3}', '{0,60}', null, 0, 180, 60, 720),
    (6, 'belum lapor', 'alarm', '{belum_lapor}', null, null, '{4,3,2}', '{0,15,30}', '{null,25,50}', 0, 30, 15, 120),
    (7, 'kota diam', 'alarm', '{kota_diam}', null, null, '{2,1,0}', '{0,5,15}', null, 1, 15, 5, 60),
    (8, 'desk', 'alarm', '{hadir,nihil}', null, null, '{3,2}', '{5,30}', null, 0, 60, 30, 240),
    (9, 'arahan lewat tenggat', 'directive', null, null, null, '{3,2}', '{0,15}', null, 0, 60, 15, 240)
) as r(position, name, about, kinds, severities, stages, tiers, minutes, shares, repeats, quiet, acknowledge, resolve);

-- the second wall --------------------------------------------------------------------------------------------------

alter table posko.obligation enable row level security, force row level security;
alter table posko.excuse enable row level security, force row level security;
alter table posko.revote enable row level security, force row level security;
alter table posko.outage enable row level security, force row level security;
alter table posko.alarm enable row level security, force row level security;
alter table posko.duty enable row level security, force row level security;
alter table posko.incident enable row level security, force row level security;
alter table posko.incident_report enable row level security, force row level security;
alter table posko.incident_entry enable row level security, force row level security;
alter table posko.incident_request enable row level security, force row level security;
alter table posko.incident_watcher enable row level security, force row level security;
alter table posko.escalation enable row level security, force row level security;
alter table posko.firing enable row level security, force row level security;

create policy whole on posko.obligation to posko_engine, current_user using (true) with check (true);
create policy whole on posko.excuse to posko_engine, current_user using (true) with check (true);
create policy whole on posko.revote to posko_engine, current_user using (true) with check (true);
create policy whole on posko.outage to posko_engine, current_user using (true) with check (true);
create policy whole on posko.alarm to posko_engine, current_user using (true) with check (true);
create policy whole on posko.duty to posko_engine, current_user using (true) with check (true);
create policy whole on posko.incident to posko_engine, current_user using (true) with check (true);
create policy whole on posko.incident_report to posko_engine, current_user using (true) with check (true);
create policy whole on posko.incident_entry to posko_engine, current_user using (true) with check (true);
create policy whole on posko.incident_request to posko_engine, current_user using (true) with check (true);
create policy whole on posko.incident_watcher to posko_engine, current_user using (true) with check (true);
create policy whole on posko.escalation to posko_engine, current_user using (true) with check (true);
create policy whole on posko.firing to posko_engine, current_user using (true) with check (true);

create policy seat on posko.obligation for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.excuse for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.revote for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.outage for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.alarm for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.duty for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.incident for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.incident_report for select to posko_app using (exists (select from posko.incident i where i.id = incident_id));
create policy seat on posko.incident_entry for select to posko_app using (exists (select from posko.incident i where i.id = incident_id));
create policy seat on posko.incident_request for select to posko_app using (exists (select from posko.incident i where i.id = incident_id));
create policy seat on posko.incident_watcher for select to posko_app using (exists (select from posko.incident i where i.id = incident_id));
create policy seat on posko.escalation for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.firing for select to posko_app using (exists (select from posko.escalation e where e.subject_id = firing.subject_id));
