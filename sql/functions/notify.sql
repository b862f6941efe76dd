-- One member of a group fires or is resolved: api.notify_many says the rest.
create function api.notify(p_operation int, p_node int, p_group text, p_member text, p_state text, p_severity text, p_text_id text, p_text_en text,
                           p_channels text[], p_wait interval) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    select api.notify_many(p_operation, array[p_node], array[p_group], array[p_member], array[p_state], array[p_severity], array[p_text_id], array[p_text_en],
                           p_channels, p_wait);
$$;
