-- What one target of a directive counts as, in the order of its subject's slots: sent, unanswered, read, accepted, refused, done, overdue.
-- Whoever has not answered, has refused or has done what was required: sent is the sum of the three. What was taken back counts as nothing.
create function api.directive_counts(t posko.directive_target) returns int[]
language sql immutable
return array[
    (t.state <> 'ditarik')::int,
    t.is_open::int,
    (t.state not in ('terkirim', 'ditarik'))::int,
    (t.state in ('diterima', 'dilaksanakan', 'dijawab'))::int,
    (t.state = 'ditolak')::int,
    (not t.is_open and t.state not in ('ditolak', 'ditarik'))::int,
    (t.is_open and t.overdue_at is not null)::int];
