-- What is known of a person, and its erasure. Run as posko_identity.

-- name: forget_names :exec
-- The names in the reports of operations whose time for it has come; without its salt their digests mean nothing any more.
-- Names that come later go with the next look.
with due as (
    update posko.operation set name_salt = '' where names_until < posko.now()::date and name_salt <> ''
), guards as (
    update posko.guard g set name = 'dihapus ' || g.id, phone = null
    from posko.operation o where o.id = g.operation_id and o.names_until < posko.now()::date and g.name <> 'dihapus ' || g.id
)
delete from posko.report_person p using posko.operation o where p.operation_id = o.id and o.names_until < posko.now()::date;

-- name: export_account :value
select json_build_object(
    'account', (select json_build_object('username', a.username, 'institution', a.institution, 'party', a.party, 'kind', a.kind, 'created_at', a.created_at, 'disabled_at', a.disabled_at)),
    'person', (select json_build_object('full_name', p.full_name, 'phone', p.phone) from posko.person p where p.account_id = a.id),
    'seats', (select coalesce(json_agg(json_build_object('role', g.role, 'regions', g.regions, 'operation', g.operation_id, 'cleared', g.cleared, 'starts_at', g.starts_at,
                                                         'ends_at', g.ends_at, 'revoked_at', g.revoked_at) order by g.id), '[]') from posko.assignment g where g.account_id = a.id),
    'senders', (select coalesce(json_agg(json_build_object('channel', x.channel, 'last_digits', x.hint, 'added_at', x.added_at) order by x.id), '[]') from posko.sender x where x.account_id = a.id),
    'devices', (select coalesce(json_agg(json_build_object('name', d.name, 'enrolled_at', d.enrolled_at, 'last_used_at', d.last_used_at) order by d.id), '[]') from posko.device d where d.account_id = a.id),
    'passkeys', (select coalesce(json_agg(json_build_object('name', k.name, 'created_at', k.created_at) order by k.id), '[]') from posko.passkey k where k.account_id = a.id),
    'sessions', (select coalesce(json_agg(json_build_object('created_at', s.created_at, 'seen_at', s.seen_at, 'address', s.address, 'program', s.name) order by s.id), '[]') from posko.session s where s.account_id = a.id),
    'shifts', (select coalesce(json_agg(json_build_object('region', h.region_code, 'began_at', h.began_at, 'ended_at', h.ended_at, 'note', h.note) order by h.id), '[]') from posko.shift h where h.account_id = a.id),
    'log', (select coalesce(json_agg(json_build_object('at', l.at, 'action', l.action, 'outcome', l.outcome, 'subject', l.subject, 'address', l.address) order by l.id), '[]')
            from posko.log_entry l where l.account_id = a.id),
    'guards', (select coalesce(json_agg(json_build_object('name', u.name, 'phone', u.phone, 'operation', u.operation_id) order by u.id), '[]') from posko.guard u where u.account_id = a.id),
    'reports', (select coalesce(json_agg(json_build_object('id', r.id, 'received_at', r.received_at) order by r.received_at), '[]') from posko.report r where r.account_id = a.id),
    'photos', (select coalesce(json_agg(json_build_object('report', k.report_id, 'sha256', k.sha256, 'kept_at', k.kept_at, 'gone_at', k.gone_at) order by k.kept_at), '[]')
               from posko.photo k where k.account_id = a.id),
    'voices', (select coalesce(json_agg(json_build_object('report', v.report_id, 'sha256', v.sha256, 'kept_at', v.kept_at, 'gone_at', v.gone_at) order by v.kept_at), '[]')
               from posko.voice v where v.account_id = a.id),
    'named_in_reports', (select coalesce(json_agg(json_build_object('report', n.report_id, 'part', n.part)), '[]')
                         from posko.report_person n join posko.person p on lower(p.full_name) = lower(n.name) where p.account_id = a.id))
from posko.account a
where a.username = $1;

-- name: export_name :value
select json_build_object('name', $1::text, 'named_in_reports',
    (select coalesce(json_agg(json_build_object('report', n.report_id, 'operation', n.operation_id, 'part', n.part)), '[]')
     from posko.report_person n where lower(n.name) = lower($1)));

-- name: erase_name :value
with gone as (
    delete from posko.report_person where lower(name) = lower($1) returning 1
), guards as (
    update posko.guard set name = 'dihapus ' || id, phone = null where lower(name) = lower($1)
)
select count(*)::int from gone;

-- name: erase_account :exec
-- The account stays as a pseudonym: every fact still points at somebody, and nobody can be found behind it.
with a as (
    update posko.account set username = $2, party = null, password_hash = null, changed_at = posko.now() where id = $1 returning id
), p as (
    delete from posko.person using a where account_id = a.id
), x as (
    delete from posko.sender using a where account_id = a.id
), t as (
    delete from posko.totp using a where account_id = a.id
), k as (
    delete from posko.passkey using a where account_id = a.id
), d as (
    update posko.device set name = 'dihapus', revoked_at = coalesce(revoked_at, posko.now()) from a where account_id = a.id
), g as (
    update posko.assignment set revoked_at = posko.now(), changed_at = posko.now() from a where account_id = a.id and revoked_at is null
), u as (
    update posko.guard set name = 'dihapus ' || guard.id, phone = null from a where guard.account_id = a.id
), s as (
    update posko.session set name = null, address = null, revoked_at = coalesce(revoked_at, posko.now()) from a where account_id = a.id
)
update posko.log_entry l
set address = case when l.account_id = a.id or l.username = $3 then null else l.address end,
    username = case when l.username = $3 then $2 else l.username end,
    subject = case when l.subject = $3 then $2 else l.subject end
from a where l.account_id = a.id or l.username = $3 or l.subject = $3;

-- name: retain :value
update posko.operation set names_until = $2 where (id = $1 or restricts = $1) and name_salt <> '' returning id;
