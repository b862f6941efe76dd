-- Every flag that the reports of the given places have raised: those that stand and those that are over, settled or not.
create function api.flags_of(p_nodes int[])
returns table (node_id int, kind text, subject_id smallint, report_id uuid, raised_at timestamptz, cleared_at timestamptz, cleared_by text, reason text,
               ended_at timestamptz, ended_by uuid)
language sql stable
as $$
    select f.node_id, f.kind, f.subject_id, f.report_id, f.raised_at, c.cleared_at, a.username, c.reason, f.ended_at, f.ended_by
    from (
        select s.node_id, s.kind, s.subject_id, s.report_id, s.raised_at, null::timestamptz as ended_at, null::uuid as ended_by
        from posko.flag s where s.node_id = any(p_nodes)
        union all
        select p.node_id, p.kind, p.subject_id, p.report_id, p.raised_at, p.ended_at, p.ended_by
        from posko.flag_past p where p.node_id = any(p_nodes)
    ) f
    left join posko.flag_clearing c on (c.node_id, c.kind, c.subject_id, c.report_id) = (f.node_id, f.kind, f.subject_id, f.report_id)
        and (f.ended_at is null or c.cleared_at < f.ended_at) -- of one that came back, not before it was settled
    left join posko.account a on a.id = c.account_id;
$$;
