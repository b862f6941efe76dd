-- 1 rendah .. 4 kritis.
create function api.severity_rank(p_severity text) returns int
language sql immutable
return array_position(array['rendah', 'sedang', 'tinggi', 'kritis'], p_severity);
