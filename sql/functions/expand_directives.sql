-- Goes on with the oldest directive that is being sent or taken back: p_limit targets at most, so that filing waits no longer than for a batch of reports.
-- Keeps promise 7: how far it has come is a column, so any worker may call this, and die in it, at any instant; each target is written once. No row: all is sent.
create function api.expand_directives(p_operation int, p_limit int) returns table (version bigint, written int, places text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    o        posko.operation;
    d        posko.directive;
    v_places text[];
begin
    if not exists (select from posko.directive where operation_id = p_operation and state in ('sending', 'withdrawing')) then
        return;
    end if;
    select * into o from posko.operation where id = p_operation and state = 'active' for update;
    select * into d from posko.directive where operation_id = o.id and state in ('sending', 'withdrawing') order by number limit 1;
    if d.id is null then
        return;
    end if;
    update posko.operation set version = version + 1 where id = o.id returning * into o;
    v_places := case d.state when 'sending' then api.send_directive(o, d, api.clock(o), p_limit)
                             else api.take_back_directive(o, d.id, api.clock(o), p_limit) end;
    return query select o.version, cardinality(v_places), v_places;
end;
$$;
