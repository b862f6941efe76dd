-- The log of who did what: rows are added, never changed. Run as posko_identity.

-- name: add :exec
insert into posko.log_entry (at, account_id, username, role, session_id, action, outcome, operation_id, region_code, restricted, subject, detail, address, times)
select posko.now(), e.account_id, e.username, e.role, e.session_id, e.action, e.outcome, e.operation_id, e.region_code, e.restricted, e.subject, e.detail, e.address, e.times
from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::int[], $8::text[], $9::bool[], $10::text[], $11::text[], $12::text[], $13::int[])
    as e(account_id, username, role, session_id, action, outcome, operation_id, region_code, restricted, subject, detail, address, times);

-- name: is_said :one
-- Among the last thousand rows of the account: a row too many says nothing false, and finding it stays cheap.
select exists (
    select from (select * from posko.log_entry where account_id = $1 order by id desc limit 1000) l
    where l.session_id is not distinct from $2::int and l.role is not distinct from $3::text and l.action = $4::text and l.operation_id = $5::int
      and l.region_code is not distinct from $6::text and l.subject is not distinct from $7::text and l.at > posko.now() - interval '1 hour') as is_said;

-- name: page :many
-- The last first. Within the regions of whoever reads (a failed sign-in is where the account of that name sits); what is terbatas for the
-- cleared; what has no place for the nation's readers.
select l.id, l.at, coalesce(a.username, l.username) as username, l.role, l.action, l.outcome, l.region_code as region, l.operation_id as operation, l.subject, l.detail, l.address, l.times
from posko.log_entry l left join posko.account a on a.id = l.account_id
where case
          when l.region_code is not null then api.covers($1, l.region_code)
          else 'ID' = any($1::text[]) or exists (select from posko.account u join posko.assignment g on g.account_id = u.id
                                                 where u.username = l.username and (select bool_and(api.covers($1, r)) from unnest(g.regions) as r))
      end
  and ($2 or not l.restricted) and ($3::int is null or l.operation_id is null or l.operation_id = $3)
  and ($4::text is null or l.action = $4) and ($5::text is null or coalesce(a.username, l.username) = $5)
  and ($6::text is null or l.region_code = $6 or l.region_code ^@ ($6 || '.') or $6 = 'ID')
  and ($7::timestamptz is null or l.at >= $7) and ($8::timestamptz is null or l.at < $8) and ($9::bigint is null or l.id < $9)
order by l.id desc
limit $10;
