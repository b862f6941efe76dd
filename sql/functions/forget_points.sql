-- Forgets what a drill's curve says of hours that are still to come, since its clock was set back: at most p_limit points; how many.
create function api.forget_points(c posko.curve, p_at timestamptz, p_limit int) returns int
language plpgsql
as $$
declare
    v_gone int;
begin
    delete from posko.curve_point p
    using (select q.node_id, q.at
           from posko.node n cross join lateral (select node_id, at from posko.curve_point where node_id = n.id and at >= p_at) q
           where n.operation_id = c.operation_id and n.level <= c.depth and n.level < 6
           limit p_limit) q
    where p.node_id = q.node_id and p.at = q.at;
    get diagnostics v_gone = row_count;
    delete from posko.curve_gap where operation_id = c.operation_id and until_at >= p_at;
    return v_gone;
end;
$$;
