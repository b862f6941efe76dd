-- counters with deltas added at slots (1-based, in any order, a slot more than once), longer if a slot is past the end.
-- Counters are stored without their trailing zeros: at 07:00 most of the day's slots do not exist yet.
create function api.add_at(counters int[], slots int[], deltas int[]) returns int[]
language plpgsql immutable parallel safe
as $$
declare
    width int := cardinality(counters);
    slot  int;
begin
    for i in 1 .. cardinality(slots) loop
        slot := slots[i];
        if slot > width then
            counters := counters || array_fill(0, array[slot - width]);
            width := slot;
        end if;
        counters[slot] := counters[slot] + deltas[i];
    end loop;
    return counters;
end;
$$;
