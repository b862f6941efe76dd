-- One page of a directive's targets at and below a region, by code: all, those in one state, or those who have not answered (unanswered) or are late with it
-- (overdue). Keeps promise 4: the rows behind a number of api.directives_page.
-- reported_at: when a TPS last reported anything, if that was since it was told: who has not answered may have done what was asked.
create function api.directive_targets(p_directive uuid, p_code text, p_state text, p_after text, p_limit int)
returns table (place text, name text, parent_name text, level smallint, state text, is_open bool, overdue_at timestamptz, changed_at timestamptz, version bigint, moves text,
               reported_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
-- The statistics may know nothing of a directive that was sent a minute ago: the index answers in order, and a page is all that is read.
set plan_cache_mode = force_custom_plan set enable_bitmapscan = off set enable_sort = off
as $$
#variable_conflict use_column
declare
    v_home  int;
    v_since timestamptz;
begin
    select coalesce(o.restricts, o.id), d.issued_at into v_home, v_since
    from posko.directive d join posko.operation o on o.id = d.operation_id where d.id = p_directive and api.may_see(d.operation_id, p_code);
    if not found then
        return;
    end if;
    return query
    select t.place, n.name, (select above.name from posko.node above where above.id = n.parent_id), n.level, t.state, t.is_open, t.overdue_at, t.changed_at, t.version,
           (select coalesce(json_agg(json_build_object('action', e.action, 'state', e.to_state, 'at', e.at, 'by', a.username, 'said', e.said, 'proof', e.proof,
                                                       'report', e.report_id) order by e.at, e.to_state), '[]')::text
            from posko.directive_entry e join posko.account a on a.id = e.account_id where e.node_id = t.node_id and e.directive_id = t.directive_id),
           case when n.level = 6 then
               -- Of a lane's directive: what is reported openly is in the operation that the lane is of.
               (select r.last_at from posko.node m join posko.rollup r on r.node_id = m.id where m.operation_id = v_home and m.code = t.place and r.last_at > v_since)
           end
    from posko.directive_target t join posko.node n on n.id = t.node_id
    where t.directive_id = p_directive and t.place > p_after
      and (p_code = 'ID' or t.place >= p_code and t.place < p_code || '/') -- '.' and '/' are neighbours
      -- Said so that of what is known when it is planned only the column itself is left: there is an index of the open ones.
      and (p_state is null or p_state in ('unanswered', 'overdue') or t.state = p_state)
      and (p_state is null or p_state not in ('unanswered', 'overdue') or t.is_open)
      and (p_state is distinct from 'overdue' or t.overdue_at is not null)
    order by t.place
    limit p_limit;
end;
$$;
