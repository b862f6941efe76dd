-- The counters of an operation that curves are kept of: what comes in, what milestones are reached and how late, turnout, counts, incidents.
-- Never votes: a curve of who leads would be read as a result.
create function api.curve_counters(p_operation int) returns table (slot smallint, name text)
language sql stable
as $$
    select c.slot, c.name
    from posko.counter c
    where c.operation_id = p_operation
      and (c.name in ('reports', 'covered') or c.name ~ '^milestone[.][a-z_]+[.](reached|late)$' or c.name ~ '^incident[.]'
           or c.name ~ '^turnout[.](tps|dpt_[lp]|dptb_[lp]|dpk_[lp])$' or c.name ~ '^count[.][a-z_]+[.]tps$')
    order by c.slot;
$$;
