-- Ends an active operation: it takes no more reports and stays readable; so does its restricted lane.
create function api.close(p_operation int) returns bigint
language plpgsql
as $$
declare
    o posko.operation;
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif o.state <> 'active' then
        raise 'operation % is %, not active', p_operation, o.state using errcode = 'PK411';
    end if;
    update posko.operation set state = 'closed', closed_at = posko.now(), version = version + 1 where id = p_operation or restricts = p_operation;
    return o.version + 1;
end;
$$;
