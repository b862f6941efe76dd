-- A guard is at their TPS, or has left (p_is_in false): at the given ones, or at all that whoever says it may speak for.
-- That is the desk or petugas of the TPS or of a region above, or the guard's own account. What is so already keeps its hour and changes nothing (no version).
-- The second wall: the seat is looked up here; a guard or TPS beyond it answers as one that does not exist (PK406, PK405).
create function api.check_guard(p_guard int, p_account int, p_seat int, p_codes text[], p_is_in bool)
returns table (version bigint, operation int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o         posko.operation;
    g         posko.guard;
    is_own    bool;
    at        timestamptz;
    v_may     int[];
    v_chosen  int[];
    v_changed int[];
begin
    select op.* into o from posko.guard w join posko.operation op on op.id = w.operation_id where w.id = p_guard for update of op;
    select * into g from posko.guard where id = p_guard and withdrawn_at is null;
    is_own := g.account_id = p_account and exists (
        select from posko.assignment s join posko.account a on a.id = s.account_id
        where s.id = p_seat and s.account_id = p_account and s.revoked_at is null and s.starts_at <= posko.now() and (s.ends_at is null or s.ends_at > posko.now())
          and a.disabled_at is null and (s.operation_id is null or s.operation_id = o.id));
    select array_agg(n.id) into v_may
    from posko.guard_post p join posko.node n on n.id = p.node_id
    where p.guard_id = g.id and p.withdrawn_at is null
      and (is_own or api.seat_level(p_account, p_seat, array['petugas', 'operator', 'supervisor', 'admin', 'system'], o, n.code) is not null);
    if v_may is null then
        raise 'there is no guard % here', p_guard using errcode = 'PK406';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    end if;
    select array_agg(n.id) into v_chosen from posko.node n where n.id = any(v_may) and (p_codes is null or n.code = any(p_codes));
    if p_codes is not null and coalesce(cardinality(v_chosen), 0) < (select count(distinct c) from unnest(p_codes) as c) then
        raise 'guard % does not guard all of these TPS here', p_guard using errcode = 'PK405';
    end if;
    at := api.clock(o);
    if p_is_in then
        with done as (
            update posko.guard_post p set checked_in_at = at, checked_in_by = p_account, left_at = null, left_by = null
            where p.guard_id = g.id and p.node_id = any(v_chosen) and (p.checked_in_at is null or p.left_at is not null)
            returning p.node_id
        )
        select array_agg(d.node_id) into v_changed from done d;
    else
        if p_codes is not null and exists (select from posko.guard_post p where p.guard_id = g.id and p.node_id = any(v_chosen) and p.checked_in_at is null)
           or not exists (select from posko.guard_post p where p.guard_id = g.id and p.node_id = any(v_chosen) and p.checked_in_at is not null) then
            raise 'guard % has not checked in there', p_guard using errcode = 'PK411';
        end if;
        with done as (
            update posko.guard_post p set left_at = greatest(at, p.checked_in_at), left_by = p_account
            where p.guard_id = g.id and p.node_id = any(v_chosen) and p.checked_in_at is not null and p.left_at is null
            returning p.node_id
        )
        select array_agg(d.node_id) into v_changed from done d;
    end if;
    if v_changed is null then
        return query select null::bigint, o.id, '{}'::text[];
        return;
    end if;
    update posko.operation set version = version + 1 where id = o.id;
    update posko.guard set version = o.version + 1 where id = g.id;
    perform api.roll_up_ready(o.id, o.version + 1, v_changed);
    return query select o.version + 1, o.id, array(select n.code from posko.node n where n.id = any(v_changed));
end;
$$;
