-- A report and whatever corrects it or is corrected by it, over however many steps, as far as it has come: all are about one thing.
-- A correction from another place corrects nothing.
create function api.corrections_of(p_report uuid) returns setof uuid
language sql stable
as $$
    with recursive chain(id, node_id, corrects) as (
        select r.id, r.node_id, r.corrects from posko.report r where r.id = p_report
        union
        select x.id, x.node_id, x.corrects
        from chain c
        cross join lateral (
            select r.id, r.node_id, r.corrects from posko.report r where r.id = c.corrects and r.node_id = c.node_id
            union all
            select r.id, r.node_id, r.corrects from posko.report r where r.corrects = c.id and r.node_id = c.node_id
        ) x
    )
    select id from chain;
$$;
