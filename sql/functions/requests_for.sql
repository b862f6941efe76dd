-- Requests addressed to one of these desks, or to the account's institution, about incidents that the transaction sees: the longest asked first, by id.
create function api.requests_for(p_operation int, p_account int, p_desks text[], p_waiting bool, p_after int, p_limit int)
returns table (id int, incident uuid, incident_number int, place text, place_name text, category text, severity text, status text, number smallint, kind text,
               addressee text, question text, asked_by text, asked_at timestamptz, answer text, answered_by text, answered_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select r.id, i.id, i.number, i.place, n.name, i.category, (array['rendah', 'sedang', 'tinggi', 'kritis'])[i.severity], i.status, r.number, r.kind, r.addressee,
           r.question, q.username, r.asked_at, r.answer, w.username, r.answered_at
    from posko.incident_request r
    join posko.incident i on i.id = r.incident_id
    join posko.node n on n.id = i.node_id
    join posko.account q on q.id = r.asked_by
    left join posko.account w on w.id = r.answered_by
    where r.addressee = any(p_desks || (select a.institution from posko.account a where a.id = p_account))
      and i.operation_id = p_operation and (not p_waiting or r.answer is null) and (p_after is null or r.id > p_after) and api.may_see(p_operation, i.place)
    order by r.id
    limit p_limit;
$$;
