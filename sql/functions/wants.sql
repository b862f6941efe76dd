-- Whether a type of event is one of these: `incident.opened`, `incident.*`, `*`. One expression, so that it costs no call: every endpoint is asked of every event.
create function api.wants(p_types text[], p_type text) returns boolean
language sql immutable
return p_types && array['*', p_type, split_part(p_type, '.', 1) || '.*'];
