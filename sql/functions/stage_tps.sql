-- Makes pg_temp.staged_tps, which api.load_roster reads, until the end of the transaction, and fills it with rows of a roster; null leaves
-- it empty. A TPS lies in the place that its code begins with. There must be none yet: what somebody else made is never written to.
create function api.stage_tps(p_rows json) returns void
language plpgsql
as $$
begin
    create temp table staged_tps (
        code text collate "C" primary key, parent_code text collate "C" not null, number smallint not null, voters_l int not null, voters_p int not null,
        address text, latitude double precision, longitude double precision, indicators text[] not null, police_grade text, polsek text, koramil text
    ) on commit drop;
    insert into pg_temp.staged_tps
    select t.code, left(t.code, -4), t.number, t.voters_l, t.voters_p, t.address, t.latitude, t.longitude, t.indicators, t.police_grade, t.polsek, t.koramil
    from json_to_recordset(p_rows) as t(code text, number smallint, voters_l int, voters_p int, address text, latitude double precision,
                                        longitude double precision, indicators text[], police_grade text, polsek text, koramil text);
end;
$$;
