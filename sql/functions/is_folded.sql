-- Whether the counters of a kind of subject are folded from reports (api.cells); presence adds up, the others are facts of their own (api.facts).
create function api.is_folded(p_kind text) returns boolean
language sql immutable
return p_kind in ('incident', 'nihil', 'unreachable', 'flag', 'milestone', 'custody', 'turnout', 'ballots', 'count');
