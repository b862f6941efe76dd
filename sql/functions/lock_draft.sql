-- Takes the row of an operation that may still be built, or says why it may not.
create function api.lock_draft(p_operation int) returns posko.operation
language plpgsql
as $$
declare
    o posko.operation;
begin
    select * into o from posko.operation where id = p_operation for update;
    if o.id is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif o.state <> 'draft' then
        raise 'operation % is %: its regions, TPS, milestones and contests are fixed', p_operation, o.state using errcode = 'PK411';
    end if;
    return o;
end;
$$;
