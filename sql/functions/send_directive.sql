-- Writes the next targets of a directive and counts them; answers their codes. The caller holds the operation's row and has bumped its version.
create function api.send_directive(o posko.operation, d posko.directive, p_at timestamptz, p_limit int) returns text[]
language plpgsql
as $$
declare
    v_roster int := coalesce(o.restricts, o.id);
    v_codes  text[] := array(select api.directive_audience(v_roster, d.audience, d.places, d.sent_to, p_limit));
    v_base   int := (select s.base from posko.subject s where s.operation_id = o.id and s.kind = 'directive');
    v_nodes  int[];
begin
    if o.restricts is not null then
        perform api.ensure_places(o.id, v_roster, o.version, v_codes);
    end if;
    with made as (
        insert into posko.directive_target (directive_id, node_id, place, desk_id, requires, changed_at, version)
        select d.id, n.id, n.code, n.path[greatest(1, least(3, n.level - 1) - o.root_level + 1)], d.requires, p_at, o.version
        from unnest(v_codes) as c(code) join posko.node n on n.operation_id = o.id and n.code = c.code
        returning node_id
    )
    select array_agg(node_id) into v_nodes from made;
    update posko.directive
    set sent = sent + cardinality(v_nodes), unanswered = unanswered + cardinality(v_nodes), sent_to = v_codes[cardinality(v_codes)], version = o.version,
        state = case when sent + cardinality(v_nodes) = targets then 'sent' else 'sending' end
    where id = d.id;
    if v_base is not null then
        perform api.roll_up(o.id, o.version, null, v_nodes || v_nodes,
                            array_fill(v_base + 1, array[cardinality(v_nodes)]) || array_fill(v_base + 2, array[cardinality(v_nodes)]),
                            array_fill(1, array[2 * cardinality(v_nodes)]));
    end if;
    return v_codes;
end;
$$;
