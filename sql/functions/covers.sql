-- Whether a code lies in one of the regions: `31.7` is no ancestor of `31.72`.
create function api.covers(p_regions text[], p_code text) returns boolean
language sql immutable
return exists (select from unnest(p_regions) as r where r = 'ID' or r = p_code or p_code ^@ (r || '.'));
