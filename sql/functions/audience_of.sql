-- For whom a directive from a desk would be, before it is sent: how many places (p_most + 1: more than that), and the first of them by code. What
-- api.issue_directive would refuse is refused here in the same words. The wall: may_see of the desk, and of the incident that it is about.
create function api.audience_of(p_operation int, p_from text, p_audience jsonb, p_incident uuid, p_most int, p_first int) returns table (targets int, first text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    f        posko.node;
    i        posko.incident;
    v_places text[];
begin
    select n.* into f from posko.operation o join posko.node n on n.operation_id = coalesce(o.restricts, o.id)
    where o.id = p_operation and n.code = p_from and n.level < 6 and api.may_see(o.id, p_from);
    if f.id is null then
        raise 'there is no desk % here', p_from using errcode = 'PK405';
    end if;
    if p_incident is not null then
        select x.* into i from posko.incident x join posko.operation o on o.id = x.operation_id
        where x.id = p_incident and p_operation in (o.id, o.restricts) and api.may_see(o.id, x.place);
        if i.id is null then
            raise 'there is no incident % here', p_incident using errcode = 'PK406';
        end if;
    end if;
    v_places := api.directive_places(f.operation_id, f, p_audience, i.place);
    return query
    select coalesce(cardinality(v_places), (select count(*)::int from api.directive_audience(f.operation_id, p_audience, null, '', p_most + 1))),
           (select coalesce(json_agg(json_build_object('place', n.code, 'name', n.name) order by n.code), '[]')::text
            from api.directive_audience(f.operation_id, p_audience, v_places, '', p_first) as c(code)
            join posko.node n on n.operation_id = f.operation_id and n.code = c.code);
end;
$$;
