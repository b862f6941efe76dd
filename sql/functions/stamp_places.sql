-- Stamps places and every region above them with the version, though no counter of theirs may have moved: whoever watches is told that
-- something is to be asked for (a comment on an incident). The caller holds the operation's row; what is stamped already stays as it is.
-- Keeps promise 5 (state with versions: what changed is found by the versions of the rollups).
create function api.stamp_places(p_version bigint, p_nodes int[]) returns void
language sql
as $$
    update posko.rollup r set version = p_version
    from (select distinct unnest(n.path) as node_id from posko.node n where n.id = any(p_nodes)) as above
    where r.node_id = above.node_id and r.version < p_version;
$$;
