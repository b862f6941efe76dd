-- Replaces the contests of a draft operation and lays its counters out anew; the operation's version. Each is of a region of the operation, or of one
-- above its root (who lives in a kota also votes for the governor), and of the level that its kind elects for.
create function api.set_contests(p_operation int, p_contests json) returns bigint
language plpgsql
as $$
declare
    o     posko.operation := api.lock_draft(p_operation);
    v_bad record;
begin
    select c.region_code, c.i - 1 as i into v_bad
    from (select value ->> 'region_code' as region_code, i from json_array_elements(p_contests) with ordinality as e(value, i)) c
    where not starts_with(o.root_code || '.', c.region_code || '.')
      and not exists (select from posko.node n where n.operation_id = p_operation and n.code = c.region_code and n.level < 6)
    order by c.i limit 1;
    if found then
        raise 'region % is neither in this operation nor above it', v_bad.region_code
            using errcode = 'PK400', detail = format('$.contests[%s].region_code', v_bad.i), hint = 'region-of-operation';
    end if;
    perform api.write_contests(p_operation, p_contests);
    perform api.lay_out(p_operation); -- bumps the version itself
    return o.version + 1;
end;
$$;
