-- Whoever is on duty says to be there; the desk's region, or null when that shift is not theirs or has ended.
create function api.tap_presence(p_shift int, p_account int) returns text
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update posko.shift set present_at = posko.now() where id = p_shift and account_id = p_account and ended_at is null returning region_code;
$$;
