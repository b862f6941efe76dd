-- Edits the plan of a milestone, or adds one to a draft, for an admin who sets the operation up; see api.set_milestone.
create function api.plan_milestone(
    p_account int, p_seat int, p_operation int, p_code text, p_position int, p_day int, p_planned time, p_grace interval, p_label_id text, p_label_en text
) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    c_most constant int := 40; -- each takes six numbers of every TPS
begin
    perform api.kept_operation(p_account, p_seat, p_operation);
    if not exists (select from posko.milestone where operation_id = p_operation and code = p_code)
       and (select count(*) from posko.milestone where operation_id = p_operation) >= c_most then
        raise 'operation % has % milestones: take one out first', p_operation, c_most using errcode = 'PK411';
    end if;
    return api.set_milestone(p_operation, p_code, p_position, p_day, p_planned, p_grace, p_label_id, p_label_en);
end;
$$;
