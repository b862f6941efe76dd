-- Opens a draft operation for reports; from here its regions, TPS, milestones' codes and contests are fixed. Opens its restricted lane too.
create function api.activate(p_operation int) returns bigint
language plpgsql
as $$
declare
    o posko.operation := api.lock_draft(p_operation);
begin
    if not exists (select from posko.node where operation_id = p_operation and level = 6) then
        raise 'operation % has no TPS', p_operation using errcode = 'PK411';
    end if;
    update posko.operation set state = 'active', activated_at = posko.now(), version = version + 1 where id = p_operation;
    perform api.open_lane(p_operation);
    perform api.lay_obligations(p_operation);
    perform api.roll_up_ready(p_operation, o.version + 1, array(
        select n.id from posko.node n join posko.tps t on t.node_id = n.id where n.operation_id = p_operation and t.police_grade is not null));
    return o.version + 1;
end;
$$;
