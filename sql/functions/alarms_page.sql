-- Alarms at and below a region, the last opened first; keyset by (opened_at, id). told: the desks that it has climbed to, the last 40, in order.
-- endpoints: of a standing alarm webhook, which fail now, the first ten.
-- The wall is asked once, for the region; what holds an alarm back is asked once, for the page.
create function api.alarms_page(p_operation int, p_code text, p_kind text, p_is_open bool, p_since bigint, p_after_at timestamptz, p_after_id uuid, p_limit int)
returns table (id uuid, operation int, kind text, place text, place_name text, milestone text, label_id text, missing int, expected int, peak int, opened_at timestamptz,
               acknowledged_at timestamptz, acknowledged_by text, acknowledged_said text, closed_at timestamptz, escalation text, tier text, next_at timestamptz, next_tier text,
               is_inhibited bool, version bigint, told text, endpoints text[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    return query
    with page as materialized (
        select a.*, n.code, n.name, n.level
        from posko.alarm a
        join posko.node n on n.id = a.node_id
        where a.operation_id = p_operation and (p_code = 'ID' or n.code = p_code or n.code > p_code || '.' and n.code < p_code || '/')
          and (p_kind is null or a.kind = p_kind)
          and (p_is_open is null or (a.closed_at is null) = p_is_open)
          and (p_since is null or a.version > p_since)
          and (p_after_at is null or (a.opened_at, a.id) < (p_after_at, p_after_id))
        order by a.opened_at desc, a.id desc
        limit p_limit
    ), held as materialized (
        select h.id from api.inhibited(array(select p.id from page p where p.closed_at is null), (select api.clock(o) from posko.operation o where o.id = p_operation)) as h(id)
    )
    select a.id, a.operation_id, a.kind, a.code, a.name, m.code, m.label_id, a.missing, a.expected, a.peak, a.opened_at, a.acknowledged_at, who.username, a.acknowledged_said,
           a.closed_at, e.state, api.level_name(coalesce(f.level, least(a.level, 5))), e.next_at, api.level_name((e.steps->(e.step - 1)->>'tier')::int),
           exists (select from held h where h.id = a.id), a.version, f.told,
           case when a.kind = 'webhook' and a.closed_at is null then api.failing_endpoints(a.operation_id, a.code, 10) end
    from page a
    join posko.escalation e on e.subject_id = a.id
    left join posko.milestone m on m.operation_id = a.operation_id and m.subject_id = a.subject_id
    left join posko.account who on who.id = a.acknowledged_by
    cross join lateral (
        -- As high as it has climbed is api.alarm_tier.
        select min(w.level)::int as level,
               coalesce(json_agg(json_build_object('desk', w.code, 'name', w.name, 'tier', api.level_name(w.level), 'at', w.fired_at, 'outcome', w.outcome)
                                 order by w.round, w.step) filter (where w.nth <= 40), '[]')::text as told
        from (select d.code, d.name, d.level, g.fired_at, g.outcome, g.round, g.step, row_number() over (order by g.round desc, g.step desc) as nth
              from posko.firing g join posko.node d on d.id = g.node_id where g.subject_id = a.id) w
    ) f
    order by a.opened_at desc, a.id desc;
end;
$$;
