-- Telling people. Contacts run as posko_identity, the rest as posko_engine.

-- name: contacts :many
-- Who is told within the given regions, as far as one operation is concerned or all.
select c.id, c.operation_id as operation, c.region_code as region, c.channel, c.address, c.label, c.cleared, a.username as added_by, c.added_at
from posko.contact c
left join posko.account a on a.id = c.added_by
where c.removed_at is null and api.covers($1, c.region_code) and ($2::int is null or c.operation_id is null or c.operation_id = $2)
  and ($3::text is null or c.region_code = $3) and ($4::int is null or c.id = $4) and c.id > $5
order by c.id
limit $6;

-- name: add_contact :value
select api.add_contact($1, $2, $3, $4, $5, $6, $7, $8);

-- name: remove_contact :exec
select api.remove_contact($1, $2, $3);

-- name: forget_contacts :exec
select api.forget_contacts();

-- name: tell_due :value
select api.tell_due(make_interval(secs => $1), make_interval(secs => $2), $3);

-- name: drop_stale :exec
select api.drop_stale_messages(posko.now());

-- name: claim :many
select * from api.claim_messages($1, $2, make_interval(secs => $3));

-- name: settle :value
select api.settle_message($1, $2, $3, $4);

-- name: backlog :many
-- Of each channel: how many messages wait, how many failed within a day, and for how long the one that has waited longest has been due.
select m.channel, count(*) filter (where m.state = 'pending')::int as pending, count(*) filter (where m.state = 'failed')::int as failed,
       greatest(0, coalesce(extract(epoch from max(now - m.created_at) filter (where m.state = 'pending')), 0))::float8 as lag_s
from posko.message m, posko.now() as now
where m.state = 'pending' or m.state = 'failed' and m.created_at > now - interval '1 day'
group by m.channel;

-- name: messages :many
-- Messages in one state, the last first.
select m.id, m.state, m.channel, c.address, c.label, c.region_code as region, m.created_at, m.attempts, m.next_at, m.last_error, m.sent_at
from posko.message m join posko.contact c on c.id = m.contact_id
where m.state = $1
order by m.created_at desc, m.id
limit $2;

-- name: retry :value
select api.retry_failed($1, $2);
