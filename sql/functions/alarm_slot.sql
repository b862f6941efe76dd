-- The counter's place of a kind of alarm within the subject of alarms; null where the operation was laid out before there was that kind.
create function api.alarm_slot(s posko.subject, p_kind text) returns int
language sql stable
return case when array_position(array['belum_lapor', 'kota_diam', 'hadir', 'nihil', 'webhook'], p_kind) <= s.width
            then s.base + array_position(array['belum_lapor', 'kota_diam', 'hadir', 'nihil', 'webhook'], p_kind) end;
