-- Whether it was found that a milestone of a TPS is past its hour: by its own obligation, else by its kelurahan's.
create function api.is_overdue(p_node int, p_subject int, p_root_level int) returns boolean
language sql stable
as $$
    select coalesce((select o.overdue_at is not null from posko.obligation o where o.node_id = p_node and o.subject_id = p_subject),
                    (select o.overdue_at is not null
                     from posko.node n join posko.obligation o on o.node_id = api.owing_node(n, p_root_level) and o.subject_id = p_subject
                     where n.id = p_node),
                    false);
$$;
