-- Arrays one after the other, in no particular order; the arrays of one group may differ in length, as array_agg's may not.
create aggregate api.concat_of(int[]) (sfunc = array_cat, stype = int[], initcond = '{}');
