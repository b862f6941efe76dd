-- Whether somebody may answer a request about an incident: the desk that it is addressed to, or one above (p_level: of the highest region of their seat over
-- the incident); anybody of the institution. What an agency did that sits at no desk is written down by the tier whose incident it is, or above.
create function api.may_answer(r posko.incident_request, i posko.incident, p_account int, p_level int) returns boolean
language sql stable
as $$
    select coalesce(p_level <= (select least(n.level, 5) from posko.node n where n.operation_id = i.operation_id and n.code = r.addressee), false)
        or r.addressee = (select a.institution from posko.account a where a.id = p_account)
        or r.kind = 'referral' and p_level <= i.tier and exists (select from posko.institution t where t.code = r.addressee);
$$;
