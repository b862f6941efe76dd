-- What one target of a directive counts as, in the order of its subject's slots: sent, unanswered, read, accepted, refused, done, overdue.
-- Whoever has not answered, has refused or has done what was required: sent is the sum of the three. What was taken back counts as nothing.
create function api.directive_counts(p_state text, p_open bool, p_late bool) returns int[]
language sql immutable
return array[
    (p_state <> 'ditarik')::int,
    p_open::int,
    (p_state not in ('terkirim', 'ditarik'))::int,
    (p_state in ('diterima', 'dilaksanakan', 'dijawab'))::int,
    (p_state = 'ditolak')::int,
    (not p_open and p_state not in ('ditolak', 'ditarik'))::int,
    (p_open and p_late)::int];
