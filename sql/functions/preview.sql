-- What would happen to an incident or alarm from here on if nobody did anything: which step, when, for which desk, whether somebody is there.
create function api.preview(p_subject uuid)
returns table (round int, step int, at timestamptz, tier smallint, desk text, desk_name text, is_staffed bool, channels text[], share int)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    with e as (
        select e.*, n.path, n.level, o.root_level, o as operation
        from posko.escalation e join posko.node n on n.id = e.node_id join posko.operation o on o.id = e.operation_id
        where e.subject_id = p_subject and e.next_at is not null and api.may_see(e.operation_id, n.code)
    ), ahead as (
        select e.*, l.round as l, s.i, s.step as doc, s.i - 1 as before
        from e
        cross join lateral generate_series(e.round::int, greatest(e.repeats + 1, e.round)) as l(round)
        cross join lateral jsonb_array_elements(e.steps) with ordinality as s(step, i)
        where l.round > e.round or s.i >= e.step
    )
    select a.l, a.i::int,
           a.next_at + sum(case when a.l = a.round and a.i = a.step then interval '0'
                                when a.i = 1 then a.repeat_after
                                else make_interval(secs => (a.doc->>'after_s')::int) end) over (order by a.l, a.i),
           d.level, d.code, d.name, api.is_staffed(a.operation, d.code), array(select jsonb_array_elements_text(a.doc->'channels')), (a.doc->>'share')::int
    from ahead a
    join posko.node d on d.id = a.path[greatest(1, least(cardinality(a.path) - (a.level = 6)::int, (a.doc->>'tier')::int - a.root_level + 1))]
    order by a.l, a.i;
$$;
