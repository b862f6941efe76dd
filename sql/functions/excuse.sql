-- Excuses TPS from a milestone, or takes the excuse back (p_reason null); answers how many changed. Every TPS at and below the code.
-- One person alone excuses TPS of three kelurahan: else one hand could silence an area. More needs the approval of a second person (PK413), which this uses up.
-- The second wall: the seat is looked up here; a place beyond it answers as one that does not exist (PK405).
create function api.excuse(p_operation int, p_account int, p_seat int, p_code text, p_milestone text, p_reason text, p_approval int default null)
returns table (version bigint, changed int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    c_most    constant int := 2000; -- TPS at once
    c_alone   constant int := 3;    -- kelurahan, of a milestone
    o         posko.operation;
    v_subject int;
    v_nodes   int[];
    v_changed int[];
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null or api.seat_level(p_account, p_seat, array['supervisor', 'admin'], o, p_code) is null
       or not exists (select from posko.node n where n.operation_id = p_operation and n.code = p_code) then
        raise 'there is no % here', p_code using errcode = 'PK405';
    elsif o.state <> 'active' then
        raise 'operation % is %', o.id, o.state using errcode = 'PK409';
    end if;
    select m.subject_id into v_subject from posko.milestone m where m.operation_id = p_operation and m.code = p_milestone;
    select array_agg(w.id) into v_nodes
    from (select n.id from posko.node n
          where n.operation_id = p_operation and n.level = 6 and (n.code = p_code or n.code > p_code || '.' and n.code < p_code || '/' or p_code = 'ID')
          limit c_most + 1) w;
    if v_subject is null then
        raise 'operation % has no milestone %', p_operation, p_milestone using errcode = 'PK411';
    elsif cardinality(v_nodes) > c_most then
        raise '% has more than % TPS: excuse them by parts', p_code, c_most using errcode = 'PK411';
    end if;
    if p_approval is not null then
        update posko.approval set used_at = posko.now()
        where id = p_approval and kind = 'excuse' and decision = 'approved' and used_at is null and failed_at is null and operation_id = p_operation and requested_by = p_account
          and decided_by <> p_account and region_code = p_code and details->>'milestone' = p_milestone;
        if not found then
            raise 'there is no such approval' using errcode = 'PK413';
        end if;
    elsif p_reason is not null and c_alone < (
            select count(distinct left(w.code, 13)) -- of a kelurahan, `PP.KK.CC.DDDD`
            from (select n.code from posko.node n where n.id = any(v_nodes) and not exists (
                      select from posko.excuse x where x.node_id = n.id and x.subject_id = v_subject and x.withdrawn_at is null)
                  union all
                  select n.code from posko.excuse x join posko.node n on n.id = x.node_id
                  where n.operation_id = p_operation and x.subject_id = v_subject and x.account_id = p_account and x.approval_id is null and x.withdrawn_at is null) w) then
        raise 'one person alone excuses TPS of % kelurahan: more needs the approval of a second person', c_alone using errcode = 'PK413';
    end if;
    if p_reason is null then
        with taken as (
            update posko.excuse set withdrawn_at = posko.now(), withdrawn_by = p_account
            where node_id = any(v_nodes) and subject_id = v_subject and withdrawn_at is null
            returning node_id
        )
        select array_agg(node_id) into v_changed from taken;
    else
        with given as (
            insert into posko.excuse (node_id, subject_id, reason, account_id, excused_at, approval_id)
            select n.id, v_subject, p_reason, p_account, posko.now(), p_approval from unnest(v_nodes) as n(id)
            on conflict do nothing
            returning node_id
        )
        select array_agg(node_id) into v_changed from given;
    end if;
    if v_changed is null then
        return query select null::bigint, 0, '{}'::text[];
        return;
    end if;
    update posko.operation set version = version + 1 where id = p_operation;
    perform api.refold(p_operation, o.version + 1, v_changed, array_fill(v_subject, array[cardinality(v_changed)]));
    return query select o.version + 1, cardinality(v_changed), array(select n.code from posko.node n where n.id = any(v_changed));
end;
$$;
