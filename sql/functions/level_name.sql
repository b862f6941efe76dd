-- What a level of the tree is called.
create function api.level_name(p_level int) returns text
language sql immutable
return (array['nasional', 'provinsi', 'kabkota', 'kecamatan', 'kelurahan', 'dusun', 'tps'])[p_level + 1];
