-- Whether something bigger explains one climbing for now; of many at once: api.inhibited.
create function api.is_inhibited(e posko.escalation, p_at timestamptz) returns boolean
language sql stable
as $$ select exists (select from api.inhibited(array[e.subject_id], p_at)) $$;
