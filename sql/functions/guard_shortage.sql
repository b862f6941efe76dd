-- The given TPS that fewer guards are planned for than their grade asks, with both: people per TPS, of a guard with several TPS its share.
-- Planned, not present: who is not there yet is said by the counters of presence; what nobody has planned is said by this, from activation on.
-- A TPS without a grade, or with a grade without a pattern, asks for nothing.
create function api.guard_shortage(p_operation int, p_nodes int[])
returns table (node_id int, polri double precision, linmas double precision, polri_asked double precision, linmas_asked double precision)
language sql stable
as $$
    select t.node_id, h.polri, h.linmas, w.polri::float8 / w.tps, w.linmas::float8 / w.tps
    from posko.tps t
    join api.guard_patterns(p_operation) w on w.grade = t.police_grade
    cross join lateral (
        select coalesce(sum(g.members::float8 / g.posts) filter (where g.institution = 'polri'), 0) as polri,
               coalesce(sum(g.members::float8 / g.posts) filter (where g.institution = 'linmas'), 0) as linmas
        from posko.guard_post p join posko.guard g on g.id = p.guard_id
        where p.node_id = t.node_id and p.withdrawn_at is null
    ) h
    -- Shares are rounded: a third and a third and a third are one.
    where t.node_id = any(p_nodes) and (h.polri + 1e-6 < w.polri::float8 / w.tps or h.linmas + 1e-6 < w.linmas::float8 / w.tps);
$$;
