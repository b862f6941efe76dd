-- What may be doubtful, in the order of its counters (api.lay_out); new kinds come last: an operation that was laid out before has no slot for them.
create function api.flag_kinds() returns text[]
language sql immutable
return array['turnout_over', 'votes_sum', 'votes_users', 'early', 'time_future', 'time_before', 'falling', 'berbeda', 'misdirected',
             'dpt_over', 'disabled_over', 'before_open', 'seal_whole'];
