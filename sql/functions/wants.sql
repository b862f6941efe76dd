-- Whether a type of event is one of these: `incident.opened`, `incident.*`, `*`.
create function api.wants(p_types text[], p_type text) returns boolean
language sql immutable
return exists (select from unnest(p_types) as t where t in ('*', p_type) or right(t, 2) = '.*' and p_type ^@ left(t, -1));
