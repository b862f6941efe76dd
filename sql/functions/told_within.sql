-- The body of an event as an endpoint of a region is told of it. What it names beyond that region goes, as it does for a seat there: the incident that an
-- incident is a part of or was merged into; of a directive from above its counts, which are of everywhere, and its incident. Keeps promise 9.
create function api.told_within(p_region text, p_data jsonb) returns jsonb
language sql stable
as $$
    select case
        when p_data#>>'{incident,parent}' is not null or p_data#>>'{incident,merged_into}' is not null then
            jsonb_set(p_data, '{incident}', p_data->'incident' || jsonb_build_object(
                'parent', (select i.id from posko.incident i where i.id = (p_data#>>'{incident,parent}')::uuid and api.covers(array[p_region], i.place)),
                'merged_into', (select i.id from posko.incident i where i.id = (p_data#>>'{incident,merged_into}')::uuid and api.covers(array[p_region], i.place))))
        when p_data ? 'directive' and not api.covers(array[p_region], p_data#>>'{directive,desk}') then
            jsonb_set(p_data, '{directive}', p_data->'directive' || jsonb_build_object(
                'targets', null, 'unanswered', null, 'refused', null, 'done', null, 'overdue', null,
                'incident', (select i.id from posko.incident i where i.id = (p_data#>>'{directive,incident}')::uuid and api.covers(array[p_region], i.place))))
        else p_data end;
$$;
