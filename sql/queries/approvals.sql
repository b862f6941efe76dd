-- The two-person rule. Run as posko_identity.

-- name: request :value
insert into posko.approval (kind, operation_id, region_code, details, reason, requested_by, requested_in, requested_at, expires_at)
select $1, $2, $3, $4, $5, $6, $7, at, at + interval '24 hours' from posko.now() as at
returning id;

-- name: approvals :many
select p.id, p.kind, p.operation_id as operation, p.region_code as region, p.details, p.reason, r.username as requested_by, p.requested_at, d.username as decided_by,
       p.decision, p.decided_why, p.decided_at, p.expires_at, p.used_at, p.failed_at, p.failed_why, o.restricts
from posko.approval p
join posko.operation o on o.id = p.operation_id and (o.restricts is null or $5)
join posko.account r on r.id = p.requested_by
left join posko.account d on d.id = p.decided_by
where api.covers($1, p.region_code) and ($2::int is null or $2 in (o.id, o.restricts))
  and ($3::int is null or p.id = $3) and ($4 <> 'open' or p.decision is null and p.expires_at > posko.now())
order by p.id desc
limit 200;

-- name: open_ones :value
-- Requests of one person that wait.
select count(*)::int from posko.approval where requested_by = $1 and decision is null and expires_at > posko.now();

-- name: lock :one
select p.requested_by, p.requested_in, p.decided_by, p.decision, p.expires_at > posko.now() as is_current from posko.approval p where p.id = $1 for update;

-- name: are_one :value
-- Whether of two accounts one is in the other's hand: it made the other or reset it, gave it a seat or a device's code, within the last day.
select exists (
    select from (values ($1::int, $2::int), ($2::int, $1::int)) as pair(hand, held) join posko.account a on a.id = pair.held
    where exists (select from posko.assignment g where g.account_id = held and g.granted_by = hand and g.granted_at > posko.now() - interval '24 hours')
       or exists (select from posko.enrolment e where e.account_id = held and e.issued_by = hand and e.issued_at > posko.now() - interval '24 hours')
       or exists (select from posko.log_entry l
                  where l.account_id = hand and l.action in ('account.add', 'account.reset') and l.subject = a.username and l.at > posko.now() - interval '24 hours'));

-- name: decide :exec
update posko.approval set decided_by = $2, decision = $3, decided_why = $4, decided_at = posko.now() where id = $1;

-- name: use :value
update posko.approval set used_at = posko.now() where id = $1 and used_at is null and failed_at is null returning id;

-- name: fail :exec
update posko.approval set failed_at = posko.now(), failed_why = $2 where id = $1 and decision = 'approved' and used_at is null and failed_at is null;

-- name: spend_export :value
-- One approved export that the same person asked for, within ten minutes of its approval.
update posko.approval set used_at = posko.now()
where id = (select id from posko.approval
            where kind = 'export_log' and requested_by = $1 and decision = 'approved' and used_at is null and failed_at is null and decided_at > posko.now() - interval '10 minutes'
              and api.covers($2, region_code)
            order by id limit 1 for update skip locked)
returning id;

-- name: requester :one
-- Who asked, as a viewer in the seat that they asked in, if it still is theirs.
select a.id as account_id, a.username, 0 as session_id, g.id as seat_id, g.role, g.regions, g.operation_id as operation, g.cleared
from posko.approval p
join posko.account a on a.id = p.requested_by
join posko.assignment g on g.id = p.requested_in
where p.id = $1 and a.disabled_at is null and g.revoked_at is null and (g.ends_at is null or g.ends_at > posko.now());

-- name: operation_state :value
select state from posko.operation where id = $1 and restricts is null;

-- name: place_exists :value
select exists (select from posko.node where operation_id = $1 and code = $2);
