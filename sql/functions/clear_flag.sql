-- A supervisor's word that a flag is settled, with the reason: it no longer counts, for this evidence. Bumps the version once.
-- Answers the version at which it is cleared; a flag that is cleared already keeps its first clearing and answers null.
-- The second wall: the seat is looked up here too; a flag beyond it answers as one that does not exist.
create function api.clear_flag(p_kind text, p_report uuid, p_account int, p_seat int, p_reason text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    o       posko.operation;
    f       posko.flag;
    cleared int;
begin
    select op.* into o
    from posko.report r join posko.operation op on op.id = r.operation_id
    where r.id = p_report
    for update of op;
    select * into f from posko.flag where kind = p_kind and report_id = p_report;
    if f.node_id is null or not exists (
            select from posko.assignment g join posko.account a on a.id = g.account_id join posko.node n on n.id = f.node_id
            where g.id = p_seat and g.account_id = p_account and g.role in ('supervisor', 'admin') and g.revoked_at is null
              and g.starts_at <= posko.now() and (g.ends_at is null or g.ends_at > posko.now()) and a.disabled_at is null
              and (g.operation_id is null or g.operation_id in (o.id, o.restricts)) and (o.restricts is null or g.cleared) and api.covers(g.regions, n.code)) then
        raise 'report % raises no flag %', p_report, p_kind using errcode = 'PK405';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    end if;
    insert into posko.flag_clearing (node_id, kind, subject_id, report_id, account_id, reason, cleared_at)
    values (f.node_id, f.kind, f.subject_id, f.report_id, p_account, p_reason, posko.now())
    on conflict do nothing;
    get diagnostics cleared = row_count;
    if cleared = 0 then
        return null;
    end if;
    update posko.operation set version = version + 1 where id = o.id;
    perform api.refold(o.id, o.version + 1, array[f.node_id], (
        select array_agg(s.id::int) from posko.subject s where s.operation_id = o.id and s.kind = 'flag'));
    return o.version + 1;
end;
$$;
