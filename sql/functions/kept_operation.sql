-- Takes the row of an operation that a seat sets up: an admin's whose regions hold the whole of it. What is out of reach is answered as what
-- does not exist. The second wall of everything that changes an operation over HTTP.
create function api.kept_operation(p_account int, p_seat int, p_operation int) returns posko.operation
language plpgsql
as $$
declare
    o posko.operation;
begin
    select * into o from posko.operation where id = p_operation and restricts is null for update;
    if o.id is null or api.seat_level(p_account, p_seat, array['admin'], o, o.root_code) is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    end if;
    return o;
end;
$$;
