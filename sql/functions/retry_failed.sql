-- Tries failed messages once more from the start: all that failed since a moment, or one. Answers how many.
create function api.retry_failed(p_since timestamptz, p_message uuid) returns int
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with again as (
        update posko.message m
        set state = 'pending', attempts = 0, next_at = posko.now(), created_at = posko.now(), last_error = null
        from posko.contact c
        where m.state = 'failed' and c.id = m.contact_id and c.removed_at is null and (m.id = p_message or p_message is null and m.created_at >= p_since)
        returning 1
    )
    select count(*)::int from again;
$$;
