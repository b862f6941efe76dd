-- The inbox of one place: directives to it, the last first, as it reads them; keyset by number. p_open: those that still want an answer.
create function api.directives_for(p_operation int, p_code text, p_open bool, p_after int, p_limit int)
returns table (id uuid, operation int, number int, place text, place_name text, kind text, requires text, text text, deadline timestamptz, author text,
               issued_at timestamptz, state text, is_open bool, overdue_at timestamptz, changed_at timestamptz, withdrawn_at timestamptz, withdrawn_why text, version bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if not api.may_see(p_operation, p_code) then
        return;
    end if;
    return query
    select d.id, d.operation_id, d.number, d.place, f.name, d.kind, d.requires, api.directive_text(d.text, d.due_at, n), d.due_at, a.username, d.issued_at,
           t.state, t.is_open and d.withdrawn_at is null, t.overdue_at, t.changed_at, d.withdrawn_at, d.withdrawn_why, greatest(t.version, d.version)
    from posko.node n
    join posko.directive_target t on t.node_id = n.id
    join posko.directive d on d.id = t.directive_id
    join posko.node f on f.id = d.node_id
    join posko.account a on a.id = d.account_id
    where n.operation_id = p_operation and n.code = p_code and (p_after is null or d.number < p_after)
      and (p_open is null or (t.is_open and d.withdrawn_at is null) = p_open)
    order by d.number desc
    limit p_limit;
end;
$$;
