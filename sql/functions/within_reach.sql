-- What the log of an incident says beside its words, without the ids of incidents and reports that lie beyond whoever reads: run as them.
create function api.within_reach(p_details json) returns json
language sql stable
as $$
    select json_object_agg(d.key, d.value)
    from json_each(p_details) d
    where not (d.key in ('into', 'incident', 'parent') and json_typeof(d.value) = 'string' and not exists (select from posko.incident i where i.id = (d.value #>> '{}')::uuid)
               or d.key in ('report', 'corrects') and json_typeof(d.value) = 'string' and not exists (select from posko.report r where r.id = (d.value #>> '{}')::uuid));
$$;
