-- Takes a milestone out of a draft operation's day.
create function api.drop_milestone(p_operation int, p_code text) returns bigint
language plpgsql
as $$
declare
    o posko.operation := api.lock_draft(p_operation);
begin
    delete from posko.milestone where operation_id = p_operation and code = p_code;
    if not found then
        raise 'operation % has no milestone %', p_operation, p_code using errcode = 'PK411';
    end if;
    perform api.lay_out(p_operation); -- bumps the version itself
    return o.version + 1;
end;
$$;
