-- Directives (arahan): orders down to desks and TPS, each target's answer, what is overdue.
-- Keeps the promises 3 (children sum to the parent), 4 (every number opens), 7 (no timer lives in memory).

alter table posko.operation add directives int not null default 0; -- numbers given to directives so far

-- What an incident's log says of directives: given, withdrawn, answered by all.
insert into posko.incident_move (action, from_status, to_status)
select a, s, s
from unnest(array['directive', 'directive_withdrawn', 'directive_result']) as a,
     unnest(array['baru', 'diterima', 'ditangani', 'selesai', 'ditutup', 'dibuka_kembali', 'digabung', 'batal']) as s
where a <> 'directive' or s in ('baru', 'diterima', 'ditangani', 'selesai', 'dibuka_kembali');

-- An order from a desk to places below it. Its id is made by the client: the same said again is the same directive.
-- Its targets are written in chunks, the first as it is issued (state sending); so are they taken back (withdrawing).
create table posko.directive (
    id              uuid primary key,
    operation_id    int not null references posko.operation,
    number          int not null check (number >= 1),
    node_id         int not null references posko.node,           -- the desk that it is from
    place           text collate "C" not null,                    -- the desk's code, which never changes
    kind            text not null check (kind in ('perintah', 'saran', 'informasi')),
    requires        text not null check (requires in ('baca', 'terima', 'laksanakan', 'jawab')),
    text            text not null check (length(text) between 1 and 2000),
    due_at          timestamptz not null,
    audience        jsonb not null,                               -- to whom, as it was said
    places          text[] collate "C" check (cardinality(places) between 1 and 5000), -- to whom, where that is a list; by code
    sent_to         text collate "C" not null default '',         -- the last code that has been written
    incident_id     uuid references posko.incident,
    request         smallint,                                     -- the advice that it answers
    template        text collate "C",
    account_id      int not null references posko.account,
    issued_at       timestamptz not null,
    state           text not null check (state in ('sending', 'sent', 'withdrawing', 'withdrawn')),
    withdrawn_at    timestamptz,
    withdrawn_by    int references posko.account,
    withdrawn_why   text check (length(withdrawn_why) between 3 and 500),
    late_at         timestamptz,                                  -- when all that was unanswered at its deadline had been marked
    targets         int not null check (targets between 1 and 20000),
    sent            int not null default 0,                       -- written and not taken back
    unanswered      int not null default 0,
    read            int not null default 0,
    accepted        int not null default 0,
    refused         int not null default 0,
    done            int not null default 0,
    overdue         int not null default 0,
    version         bigint not null,
    unique (operation_id, number),
    unique (id, requires),
    foreign key (incident_id, request) references posko.incident_request,
    check (request is null or incident_id is not null),
    check (due_at > issued_at and due_at <= issued_at + interval '30 days'),
    check (sent = unanswered + refused + done),
    check (least(sent, unanswered, read, accepted, refused, done, overdue) >= 0),
    check (overdue <= unanswered and accepted <= read and read <= sent and sent <= targets),
    check (state <> 'sending' or sent < targets),
    check (state <> 'sent' or sent = targets),
    check ((state in ('withdrawing', 'withdrawn')) = (withdrawn_at is not null)),
    check (state <> 'withdrawn' or unanswered = 0),
    check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_why is null))
);
create index directive_by_version on posko.directive (operation_id, version);
create index directive_by_incident on posko.directive (incident_id) where incident_id is not null;
create index directive_unfinished on posko.directive (operation_id, number) where state in ('sending', 'withdrawing');
create index directive_due on posko.directive (operation_id, due_at) where late_at is null and withdrawn_at is null;

-- The legal moves of a target, by what its directive requires: the log refers to them, so that none that is not here can be written.
create table posko.directive_move (
    requires   text collate "C" not null,
    action     text collate "C" not null,
    from_state text collate "C" not null,
    to_state   text collate "C" not null,
    primary key (requires, action, from_state, to_state)
);
insert into posko.directive_move (requires, action, from_state, to_state) values
    ('baca', 'receipt', 'terkirim', 'dibaca'), ('terima', 'receipt', 'terkirim', 'dibaca'),
    ('laksanakan', 'receipt', 'terkirim', 'dibaca'), ('jawab', 'receipt', 'terkirim', 'dibaca'),
    -- Who accepts, refuses or does it has read it.
    ('terima', 'acceptance', 'terkirim', 'diterima'), ('terima', 'acceptance', 'dibaca', 'diterima'),
    ('laksanakan', 'acceptance', 'terkirim', 'diterima'), ('laksanakan', 'acceptance', 'dibaca', 'diterima'),
    ('jawab', 'acceptance', 'terkirim', 'diterima'), ('jawab', 'acceptance', 'dibaca', 'diterima'),
    ('terima', 'refusal', 'terkirim', 'ditolak'), ('terima', 'refusal', 'dibaca', 'ditolak'),
    ('laksanakan', 'refusal', 'terkirim', 'ditolak'), ('laksanakan', 'refusal', 'dibaca', 'ditolak'), ('laksanakan', 'refusal', 'diterima', 'ditolak'),
    ('jawab', 'refusal', 'terkirim', 'ditolak'), ('jawab', 'refusal', 'dibaca', 'ditolak'), ('jawab', 'refusal', 'diterima', 'ditolak'),
    ('laksanakan', 'completion', 'terkirim', 'dilaksanakan'), ('laksanakan', 'completion', 'dibaca', 'dilaksanakan'),
    ('laksanakan', 'completion', 'diterima', 'dilaksanakan'),
    ('jawab', 'answer', 'terkirim', 'dijawab'), ('jawab', 'answer', 'dibaca', 'dijawab'), ('jawab', 'answer', 'diterima', 'dijawab');

-- One place that a directive is for, and how far it has come there. is_open: it still owes what is required.
create table posko.directive_target (
    directive_id uuid not null,
    node_id      int not null references posko.node,
    place        text collate "C" not null,
    desk_id      int not null references posko.node,              -- the desk that hears of it when it is overdue
    requires     text not null,
    state        text not null default 'terkirim'
                 check (state in ('terkirim', 'dibaca', 'diterima', 'ditolak', 'dilaksanakan', 'dijawab', 'ditarik')),
    is_open      boolean not null generated always as (
                     state = 'terkirim' or state = 'dibaca' and requires <> 'baca' or state = 'diterima' and requires in ('laksanakan', 'jawab')) stored,
    overdue_at   timestamptz,
    changed_at   timestamptz not null,
    version      bigint not null,
    primary key (node_id, directive_id),
    unique (directive_id, place),
    foreign key (directive_id, requires) references posko.directive (id, requires)
) with (fillfactor = 70);
create index directive_target_open on posko.directive_target (directive_id, place) where is_open;

-- What a place did about a directive: added to, never changed. No state is reached twice.
create table posko.directive_entry (
    node_id      int not null,
    directive_id uuid not null,
    to_state     text collate "C" not null,
    requires     text collate "C" not null,
    action       text collate "C" not null,
    from_state   text collate "C" not null,
    at           timestamptz not null,
    account_id   int not null references posko.account,
    said         text check (length(said) between 1 and 2000),    -- why it is refused, what is answered
    proof        text check (length(proof) between 3 and 2000),
    report_id    uuid references posko.report,
    primary key (node_id, directive_id, to_state),
    foreign key (node_id, directive_id) references posko.directive_target,
    constraint legal_move foreign key (requires, action, from_state, to_state) references posko.directive_move,
    check (action not in ('refusal', 'answer') or said is not null),
    check (action <> 'completion' or num_nonnulls(proof, report_id) > 0),
    check (action = 'completion' or num_nonnulls(proof, report_id) = 0)
);

-- What climbs when a deadline has passed: a directive at one desk, not at each of the places below it. missing: how many still owe.
create table posko.directive_late (
    id           uuid primary key default uuidv7(),
    directive_id uuid not null references posko.directive,
    operation_id int not null references posko.operation,
    node_id      int not null references posko.node,
    opened_at    timestamptz not null,
    missing      int not null check (missing >= 0),
    peak         int not null check (peak >= missing),
    closed_at    timestamptz check (closed_at >= opened_at),
    version      bigint not null,
    unique (directive_id, node_id),
    check (missing > 0 or closed_at is not null)
);
create index directive_late_standing on posko.directive_late (operation_id, node_id) where closed_at is null;

-- Directives of an election day, ready to be sent. operation_id null: where an operation has none of its own.
create table posko.directive_template (
    operation_id int references posko.operation,
    position     smallint not null,
    code         text collate "C" not null check (code ~ '^[a-z][a-z_]{1,40}$'),
    kind         text not null check (kind in ('perintah', 'saran', 'informasi')),
    requires     text not null check (requires in ('baca', 'terima', 'laksanakan', 'jawab')),
    text         text not null check (length(text) between 1 and 2000),
    unique nulls not distinct (operation_id, code)
);
insert into posko.directive_template (position, code, kind, requires, text)
select row_number() over (), t.* from (values
    ('siaga_pagi', 'perintah', 'terima', 'Seluruh petugas {place} sudah di tempat paling lambat {deadline}. Pastikan telepon terisi daya dan nomor posko tersimpan.'),
    ('cek_logistik', 'perintah', 'laksanakan', 'Periksa kelengkapan logistik di {place}: kotak bersegel, surat suara, tinta, bilik, formulir. Laporkan hasilnya paling lambat {deadline}.'),
    ('segera_buka', 'perintah', 'laksanakan', '{place} belum dilaporkan buka. Buka pemungutan suara segera, atau sampaikan kendalanya.'),
    ('lapor_pembukaan', 'perintah', 'laksanakan', 'Kirim laporan pembukaan {place} paling lambat {deadline}.'),
    ('lapor_partisipasi', 'perintah', 'jawab', 'Sampaikan jumlah pemilih yang sudah memilih di {place} sampai saat ini.'),
    ('hadapi_hujan', 'perintah', 'laksanakan', 'Hujan lebat diperkirakan di wilayah Anda. Amankan kotak dan surat suara {place} di tempat tinggi dan kering; foto sebagai bukti.'),
    ('antisipasi_antrean', 'saran', 'terima', 'Antrean diperkirakan panjang menjelang siang. Dahulukan lansia, ibu hamil dan penyandang disabilitas di {place}.'),
    ('layani_dpk', 'informasi', 'baca', 'Pemilih DPK dilayani pukul 12.00-13.00 selama surat suara masih tersedia. Yang sudah mengantre pukul 13.00 tetap dilayani.'),
    ('jangan_hitung_dini', 'perintah', 'terima', 'Penghitungan suara tidak boleh dimulai sebelum pukul 13.00 dan sebelum antrean habis.'),
    ('tambah_pengamanan', 'perintah', 'laksanakan', 'Tambah pengamanan di {place}. Koordinasikan dengan Polsek, Koramil dan Linmas; laporkan setelah personel tiba.'),
    ('jaga_netralitas', 'informasi', 'baca', 'Petugas menjaga netralitas dan tidak membagikan foto surat suara atau hasil sementara kepada siapa pun.'),
    ('bagikan_salinan', 'perintah', 'laksanakan', 'Bagikan salinan C.Hasil kepada saksi dan pengawas {place}, dan tempelkan di tempat yang mudah dilihat.'),
    ('kawal_kotak', 'perintah', 'laksanakan', 'Kotak suara {place} dikawal sampai PPS dan diterima paling lambat {deadline}. Sertakan foto segel.'),
    ('klarifikasi_hoaks', 'perintah', 'jawab', 'Beredar kabar tentang {place} yang belum jelas kebenarannya. Sampaikan keadaan sebenarnya paling lambat {deadline}.')
) as t(code, kind, requires, text);

-- the second wall --------------------------------------------------------------------------------------------------

alter table posko.directive enable row level security, force row level security;
alter table posko.directive_target enable row level security, force row level security;
alter table posko.directive_entry enable row level security, force row level security;
alter table posko.directive_late enable row level security, force row level security;

create policy whole on posko.directive to posko_engine, current_user using (true) with check (true);
create policy whole on posko.directive_target to posko_engine, current_user using (true) with check (true);
create policy whole on posko.directive_entry to posko_engine, current_user using (true) with check (true);
create policy whole on posko.directive_late to posko_engine, current_user using (true) with check (true);

-- A directive is its desk's and those above it; below, whoever sees one of its targets sees that target and asks api.directive_seen for the rest.
create policy seat on posko.directive for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.directive_target for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.directive_entry for select to posko_app using (exists (select from posko.node n where n.id = node_id));
create policy seat on posko.directive_late for select to posko_app using (exists (select from posko.node n where n.id = node_id));
