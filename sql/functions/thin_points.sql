-- Of a quarter of an hour that is two days old the last point of each region stays: it says what was so at its end, so children still sum to
-- their parents there. One quarter a call; how far that has come.
create function api.thin_points(c posko.curve, p_at timestamptz) returns timestamptz
language plpgsql
as $$
declare
    v_from  timestamptz := least(c.thinned_until, date_bin('15 minutes', p_at, timestamptz '2000-01-01 00:00+00'));
    v_first timestamptz;
begin
    -- Whatever moves moves the root: where it has no point, nobody has. In months in which nothing happens there is nothing to walk through.
    select date_bin('15 minutes', min(p.at), timestamptz '2000-01-01 00:00+00') into v_first
    from posko.node n join posko.curve_point p on p.node_id = n.id
    where n.operation_id = c.operation_id and n.parent_id is null and p.at >= v_from;
    v_from := greatest(v_from, v_first);
    if v_first is null or v_from + interval '15 minutes' > p_at - interval '48 hours' then
        return v_from;
    end if;
    delete from posko.curve_point p
    using posko.node n
    where n.operation_id = c.operation_id and n.level <= c.depth and n.level < 6 and p.node_id = n.id
      and p.at >= v_from and p.at < v_from + interval '15 minutes'
      and exists (select from posko.curve_point later
                  where later.node_id = p.node_id and later.at > p.at and later.at < v_from + interval '15 minutes');
    return v_from + interval '15 minutes';
end;
$$;
