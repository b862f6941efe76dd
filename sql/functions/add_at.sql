-- counters with deltas added at slots (1-based), longer if a slot is past the end.
-- Counters are stored without their trailing zeros: at 07:00 most of the day's slots do not exist yet.
create function api.add_at(counters int[], slots int[], deltas int[]) returns int[]
language plpgsql immutable parallel safe
as $$
declare
    missing int := slots[cardinality(slots)] - cardinality(counters); -- slots come in ascending order
begin
    if missing > 0 then
        counters := counters || array_fill(0, array[missing]);
    end if;
    for i in 1 .. cardinality(slots) loop
        counters[slots[i]] := counters[slots[i]] + deltas[i];
    end loop;
    return counters;
end;
$$;
