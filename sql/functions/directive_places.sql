-- To whom a directive goes where that is a list: the places said, or the desks over an incident's place that lie below the issuer (the place itself
-- where there are none). Null where it is a level of a subtree. What is not below the issuer answers as what does not exist.
create function api.directive_places(p_operation int, f posko.node, p_audience jsonb, p_incident_place text) returns text[]
language plpgsql stable
as $$
declare
    v_places text[];
    v_beyond text;
begin
    case p_audience->>'kind'
    when 'places' then
        v_places := array(select p.code collate "C" from jsonb_array_elements_text(p_audience->'places') as p(code) group by 1 order by 1);
        -- The first few: whoever pasted a list finds them in it.
        select string_agg(b.code, ' ' order by b.code) into v_beyond
        from (select c.code from unnest(v_places) as c(code)
              where c.code = f.code or not api.covers(array[f.code], c.code)
                 or not exists (select from posko.node n where n.operation_id = p_operation and n.code = c.code)
              order by c.code limit 5) as b;
        if v_beyond is not null then
            raise 'there is no % below %', replace(v_beyond, ' ', ', '), f.code
                using errcode = 'PK400', detail = '$.to.places', hint = 'place-below', column = v_beyond;
        end if;
    when 'incident' then
        if p_incident_place is null then
            raise 'say which incident' using errcode = 'PK400', detail = '$.incident', hint = 'missing';
        end if;
        v_places := array(
            select d.code from posko.node n join posko.node d on d.id = any(n.path)
            where n.operation_id = p_operation and n.code = p_incident_place and f.id = any(n.path) and d.level > f.level and d.level < 6 order by d.code);
        if v_places = '{}' and api.covers(array[f.code], p_incident_place) and p_incident_place <> f.code then
            v_places := array[p_incident_place];
        end if;
    else
        if not exists (select from posko.node r where r.operation_id = p_operation and r.code = p_audience->>'region' and f.id = any(r.path)) then
            raise 'there is no % at or below %', p_audience->>'region', f.code
                using errcode = 'PK400', detail = '$.to.region', hint = 'place-below', column = p_audience->>'region';
        elsif (p_audience->>'level')::int <= f.level then
            raise 'a directive goes down: to a level below %', f.level using errcode = 'PK400', detail = '$.to.level', hint = 'level-below';
        end if;
        return null;
    end case;
    return v_places;
end;
$$;
