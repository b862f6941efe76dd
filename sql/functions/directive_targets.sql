-- One page of a directive's targets at and below a region, by code: all, those in one state, or those who have not answered (unanswered) or are late with it
-- (overdue). Keeps promise 4: the rows behind a number of api.directives_page.
create function api.directive_targets(p_directive uuid, p_code text, p_state text, p_after text, p_limit int)
returns table (place text, name text, level smallint, state text, is_open bool, overdue_at timestamptz, changed_at timestamptz, version bigint, moves text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if not exists (select from posko.directive d where d.id = p_directive and api.may_see(d.operation_id, p_code)) then
        return;
    end if;
    return query
    select t.place, n.name, n.level, t.state, t.is_open, t.overdue_at, t.changed_at, t.version,
           (select coalesce(json_agg(json_build_object('action', e.action, 'state', e.to_state, 'at', e.at, 'by', a.username, 'said', e.said, 'proof', e.proof,
                                                       'report', e.report_id, 'photo', e.photo_id) order by e.at, e.to_state), '[]')::text
            from posko.directive_entry e join posko.account a on a.id = e.account_id where e.node_id = t.node_id and e.directive_id = t.directive_id)
    from posko.directive_target t join posko.node n on n.id = t.node_id
    where t.directive_id = p_directive and t.place > p_after
      and (p_code = 'ID' or t.place = p_code or t.place > p_code || '.' and t.place < p_code || '/')
      and (p_state is null or t.state = p_state or p_state = 'unanswered' and t.is_open or p_state = 'overdue' and t.is_open and t.overdue_at is not null)
    order by t.place
    limit p_limit;
end;
$$;
