-- Deletes a draft, which nobody ever reported to, with its tree, its TPS and all that is set of it: for an admin who sets it up. Refused while anybody has
-- a seat, contact, endpoint or gateway of it, also one that has ended: their record may not lose what it is about.
create function api.drop_draft(p_account int, p_seat int, p_operation int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_kept text;
begin
    perform api.kept_operation(p_account, p_seat, p_operation);
    perform api.lock_draft(p_operation);
    select string_agg(k.what, ', ') into v_kept
    from (values ('seats', exists (select from posko.assignment where operation_id = p_operation)),
                 ('contacts', exists (select from posko.contact where operation_id = p_operation)),
                 ('endpoints', exists (select from posko.endpoint where operation_id = p_operation)),
                 ('gateways', exists (select from posko.gateway where operation_id = p_operation)),
                 ('senders', exists (select from posko.sender where operation_id = p_operation)),
                 ('shifts', exists (select from posko.shift where operation_id = p_operation)),
                 ('approvals', exists (select from posko.approval where operation_id = p_operation))) as k(what, is_there)
    where k.is_there;
    if v_kept is not null then
        raise 'draft % has %: it stays', p_operation, v_kept using errcode = 'PK411', detail = '$', hint = 'draft-in-use';
    end if;

    delete from posko.duty where operation_id = p_operation;
    delete from posko.rule where operation_id = p_operation;
    delete from posko.category where operation_id = p_operation;
    delete from posko.stage where operation_id = p_operation;
    delete from posko.guard_pattern where operation_id = p_operation;
    delete from posko.priority_weight where operation_id = p_operation;
    delete from posko.directive_template where operation_id = p_operation;
    delete from posko.curve where operation_id = p_operation;
    delete from posko.paslon p using posko.contest c where c.operation_id = p_operation and p.contest_id = c.id;
    delete from posko.contest where operation_id = p_operation;
    delete from posko.milestone where operation_id = p_operation;
    delete from posko.counter where operation_id = p_operation;
    delete from posko.subject where operation_id = p_operation;
    delete from posko.tps t using posko.node n where n.operation_id = p_operation and t.node_id = n.id;
    delete from posko.rollup r using posko.node n where n.operation_id = p_operation and r.node_id = n.id;
    delete from posko.node where operation_id = p_operation;
    delete from posko.operation where id = p_operation;
end;
$$;
