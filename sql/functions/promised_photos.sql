-- The photos that a report promises, in order: by what it says, or by what replaces what it corrects.
create function api.promised_photos(p_body json) returns table ("position" smallint, sha256 text, bytes int)
language sql immutable
as $$
    select p.n::smallint, p.said ->> 'sha256', (p.said ->> 'bytes')::int
    from json_array_elements(coalesce(p_body -> 'content' -> 'photos', p_body -> 'content' -> 'replacement' -> 'photos')) with ordinality as p(said, n);
$$;
