-- What a directive says to one place: {place} is its name, {deadline} the deadline by its own clock.
create function api.directive_text(p_text text, p_due_at timestamptz, n posko.node) returns text
language sql stable
return replace(replace(p_text, '{place}', n.name), '{deadline}',
               to_char((p_due_at at time zone 'UTC') + make_interval(hours => n.utc_offset), 'DD-MM-YYYY HH24.MI')
               || ' ' || (array['WIB', 'WITA', 'WIT'])[n.utc_offset - 6]);
