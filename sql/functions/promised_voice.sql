-- The voice note that a report promises, if it does: by what it says, or by what replaces what it corrects.
create function api.promised_voice(p_body json) returns table (sha256 text, bytes int, seconds int)
language sql immutable
as $$
    select v.said ->> 'sha256', (v.said ->> 'bytes')::int, (v.said ->> 'seconds')::int
    from (select coalesce(p_body -> 'content' -> 'voice', p_body -> 'content' -> 'replacement' -> 'voice') as said) as v
    where v.said is not null;
$$;
