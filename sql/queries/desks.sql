-- Piket: who is on duty at a desk, and what is handed over. Run as posko_identity.

-- name: desk_exists :value
select exists (select from posko.operation o join posko.node n on n.operation_id = o.id
               where o.id = $1 and o.restricts is null and n.code = $2 and n.level < 6);

-- name: shifts :many
-- Of a desk: those on duty, those handed over and not yet acknowledged, and the last that ended.
select s.id, a.username, coalesce(p.full_name, a.username) as full_name, a.institution, s.began_at, s.ended_at, s.note, t.username as to, s.handed_over_at, s.acknowledged_at,
       s.present_at, coalesce(s.present_at, s.began_at) + o.present_every as present_until
from posko.shift s
join posko.operation o on o.id = s.operation_id
join posko.account a on a.id = s.account_id
left join posko.person p on p.account_id = a.id
left join posko.account t on t.id = s.handed_to
where s.operation_id = $1 and s.region_code = $2
order by s.ended_at is not null, s.began_at desc
limit 60;

-- name: desks_below :many
-- Desks at and below a region by code, with whoever is on duty; of one level, in one state, or all. A desk stands as well as whoever has shown himself last.
with kept as materialized (
    select s.region_code, max(coalesce(s.present_at, s.began_at)) + o.present_every >= posko.now() as is_there,
           json_agg(json_build_object('id', s.id, 'username', a.username, 'full_name', coalesce(p.full_name, a.username), 'institution', a.institution,
                                      'began_at', s.began_at, 'ended_at', null, 'note', s.note, 'to', t.username, 'handed_over_at', s.handed_over_at,
                                      'acknowledged_at', null, 'present_at', s.present_at,
                                      'present_until', coalesce(s.present_at, s.began_at) + o.present_every) order by s.began_at desc) as on_duty
    from posko.shift s
    join posko.operation o on o.id = s.operation_id
    join posko.account a on a.id = s.account_id
    left join posko.person p on p.account_id = a.id
    left join posko.account t on t.id = s.handed_to
    where s.operation_id = $1 and s.ended_at is null
    group by s.region_code, o.present_every
)
select d.code, d.name, d.level, d.state, d.on_duty
from (select n.code, n.name, n.level, case when k.is_there then 'staffed' when k.region_code is not null then 'absent' else 'vacant' end as state,
             coalesce(k.on_duty, '[]')::text as on_duty
      from posko.node n left join kept k on k.region_code = n.code
      where n.operation_id = $1 and n.level < 6 and ($2 = 'ID' or n.code = $2 or n.code > $2 || '.' and n.code < $2 || '/')
        and n.code > $3 and ($4::int is null or n.level = $4)) d
where $5::text is null or d.state = $5
order by d.code
limit $6;

-- name: desk_counts :many
-- How many desks there are at and below a region, by level; how many of them are kept, and at how many of those nobody has shown himself lately.
with kept as materialized (
    select s.region_code, max(coalesce(s.present_at, s.began_at)) + o.present_every >= posko.now() as is_there
    from posko.shift s join posko.operation o on o.id = s.operation_id
    where s.operation_id = $1 and s.ended_at is null
    group by s.region_code, o.present_every
)
select n.level, count(*)::int as desks, (count(*) filter (where k.is_there))::int as staffed, (count(*) filter (where not k.is_there))::int as absent,
       (count(*) filter (where k.region_code is null))::int as vacant
from posko.node n left join kept k on k.region_code = n.code
where n.operation_id = $1 and n.level < 6 and ($2 = 'ID' or n.code = $2 or n.code > $2 || '.' and n.code < $2 || '/')
group by n.level
order by n.level;

-- name: shift :one
select s.id, s.operation_id, s.region_code, s.account_id, s.handed_to, s.ended_at, s.acknowledged_at, a.username, coalesce(p.full_name, a.username) as full_name,
       a.institution, s.began_at, s.note, t.username as to, s.handed_over_at, s.present_at, coalesce(s.present_at, s.began_at) + o.present_every as present_until
from posko.shift s
join posko.operation o on o.id = s.operation_id
join posko.account a on a.id = s.account_id
left join posko.person p on p.account_id = a.id
left join posko.account t on t.id = s.handed_to
where s.id = $1
for update of s;

-- name: begin :value
insert into posko.shift (operation_id, region_code, account_id, took_over_from, began_at)
values ($1, $2, $3, $4, posko.now())
on conflict (operation_id, region_code, account_id) where ended_at is null do nothing
returning id;

-- name: hand_over :exec
update posko.shift set note = $2, handed_to = $3, handed_over_at = posko.now() where id = $1;

-- name: acknowledge :exec
update posko.shift set acknowledged_at = at, ended_at = at from posko.now() as at where id = $1;

-- name: desk_people :value
-- The account of that name, if it may sit at this desk now.
select a.id
from posko.account a
where a.username = $1 and a.disabled_at is null and exists (
    select from posko.assignment g
    where g.account_id = a.id and g.role in ('operator', 'supervisor') and g.revoked_at is null and g.starts_at <= posko.now()
      and (g.ends_at is null or g.ends_at > posko.now()) and (g.operation_id is null or g.operation_id = $2) and api.covers(g.regions, $3));
