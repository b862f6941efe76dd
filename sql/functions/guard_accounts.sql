-- Which of the given usernames may be guards' own accounts in a region: those with a seat that lies there or covers it. Others are as if unknown.
create function api.guard_accounts(p_operation int, p_code text, p_usernames text[]) returns table (username text, account_id int)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select a.username, a.id
    from posko.account a
    where a.username = any(p_usernames) and a.disabled_at is null and a.kind = 'person' and api.may_see(p_operation, p_code) and exists (
        select from posko.assignment g cross join lateral unnest(g.regions) as r(code)
        where g.account_id = a.id and g.revoked_at is null and (g.ends_at is null or g.ends_at > posko.now())
          and (g.operation_id is null or g.operation_id = p_operation)
          and (api.covers(array[r.code], p_code) or api.covers(array[p_code], r.code)));
$$;
