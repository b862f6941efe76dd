-- A text that fits into one line of a message: no control characters, at most 300 letters; null when nothing is left.
create function api.one_line(p_text text) returns text
language sql immutable
return nullif(left(btrim(regexp_replace(p_text, '[[:cntrl:][:space:]]+', ' ', 'g')), 300), '');
