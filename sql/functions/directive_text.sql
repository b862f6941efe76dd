-- What a directive says to one place: {place} or {tempat} is its name, {deadline} or {tenggat} the deadline by its own clock, as pages write it: 27 Nov, 08.55 WIB.
create function api.directive_text(p_text text, p_due_at timestamptz, n posko.node) returns text
language sql stable
as $$
select replace(replace(replace(replace(p_text, '{place}', n.name), '{tempat}', n.name), '{deadline}', d.due), '{tenggat}', d.due)
from (select extract(day from t.at)::text || ' ' || (array['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'])[extract(month from t.at)::int]
             || ', ' || to_char(t.at, 'HH24.MI') || ' ' || (array['WIB', 'WITA', 'WIT'])[n.utc_offset - 6] as due
      from (select (p_due_at at time zone 'UTC') + make_interval(hours => n.utc_offset) as at) as t) as d;
$$;
