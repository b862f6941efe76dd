-- What a review of the running day found: names of guards are a place's own, requests are a desk's, an approval that could not be carried out says why.
-- Keeps promise 9 (nobody sees or writes outside their scope).

-- A name is the place's whose TPS the guard has: two units have an "Aiptu Budi" each, and neither learns of the other's.
drop index posko.guard_standing;
create unique index guard_standing on posko.guard (operation_id, lower(name), node_id) where withdrawn_at is null;

-- What one hand may not excuse alone, a second approves. What could not be carried out ends so, and says why.
alter table posko.approval drop constraint approval_kind_check;
alter table posko.approval add constraint approval_kind_check
    check (kind in ('void_report', 'void_incident', 'reopen_operation', 'clear_flags', 'export_log', 'excuse'));
alter table posko.approval
    add failed_at  timestamptz,
    add failed_why text check (length(failed_why) between 1 and 500),
    add check ((failed_at is null) = (failed_why is null) and (failed_at is null or used_at is null and decision = 'approved'));
alter table posko.excuse add approval_id int references posko.approval;

-- How grave an incident has ever been, and what a report alleges of one that people have in hand and have not judged yet.
alter table posko.incident
    add peak    smallint not null default 1 check (peak between 1 and 4), -- before what it is now
    add alleged smallint check (alleged > severity and alleged <= 4);
insert into posko.incident_move (action, from_status, to_status)
select 'alleged', s, s from unnest(array['baru', 'diterima', 'ditangani', 'dibuka_kembali']) as s;

-- Who is asked lists what waits for them, in the order in which it was asked.
alter table posko.incident_request add id int generated always as identity unique;
create index incident_request_waiting on posko.incident_request (addressee, id) where answer is null;

-- Handed down and taken back, one climbs for more rounds than a small number holds.
alter table posko.escalation alter round type int;
alter table posko.firing alter round type int;
