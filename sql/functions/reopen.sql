-- Opens a closed operation again, with its restricted lane, on the word of two persons: the approval says which.
create function api.reopen(p_approval int) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    a posko.approval;
    o posko.operation;
begin
    select * into a from posko.approval where id = p_approval for update;
    select * into o from posko.operation where id = a.operation_id for update;
    if a.kind is distinct from 'reopen_operation' or a.decision is distinct from 'approved' or coalesce(a.used_at, a.failed_at) is not null then
        raise 'reopening an operation needs the approval of a second person' using errcode = 'PK403';
    elsif o.state <> 'closed' then
        raise 'operation % is %, not closed', o.id, o.state using errcode = 'PK411';
    end if;
    update posko.approval set used_at = posko.now() where id = p_approval;
    update posko.operation set state = 'active', closed_at = null, version = version + 1 where id = o.id or restricts = o.id;
    return o.version + 1;
end;
$$;
