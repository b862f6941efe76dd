-- The level of the highest region of a seat that covers a code (0 the nation ... 6 a TPS); null when the seat may not act there now:
-- another account's, ended, of another operation, of a role that does not, or not cleared for a restricted lane.
create function api.seat_level(p_account int, p_seat int, p_roles text[], o posko.operation, p_code text) returns int
language sql stable
as $$
    select min(case when r.code = 'ID' then 0 when cardinality(c.parts) <= 4 then cardinality(c.parts)
                    when length(c.parts[cardinality(c.parts)]) = 3 then 6 else 5 end)
    from posko.assignment g
    join posko.account a on a.id = g.account_id
    cross join lateral unnest(g.regions) as r(code)
    cross join lateral (select string_to_array(r.code, '.') as parts) c
    where g.id = p_seat and g.account_id = p_account and g.role = any(p_roles) and g.revoked_at is null
      and g.starts_at <= posko.now() and (g.ends_at is null or g.ends_at > posko.now()) and a.disabled_at is null
      and (g.operation_id is null or g.operation_id in (o.id, o.restricts)) and (o.restricts is null or g.cleared)
      and api.covers(array[r.code], p_code);
$$;
