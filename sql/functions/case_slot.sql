-- The counter of an incident of this status and severity, counted from the subject's base; null for what is not counted.
create function api.case_slot(p_base int, p_status text, p_severity int) returns int
language sql immutable
as $$ select p_base + (array_position(api.case_statuses(), p_status) - 1) * 4 + p_severity $$;
