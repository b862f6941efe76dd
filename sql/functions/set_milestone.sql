-- Adds a milestone to a draft, or edits one (null leaves as it is). Codes and positions move in a draft only; the plan of an active
-- operation may change, and who is late by it is folded again in the same transaction.
-- Keeps the promises 2 (lateness is a function of the reports and the plan) and 3 (children sum to the parent).
create function api.set_milestone(
    p_operation int, p_code text, p_position int, p_day int, p_planned time, p_grace interval, p_label_id text, p_label_en text
) returns bigint
language plpgsql
as $$
declare
    o     posko.operation;
    old   posko.milestone;
    fresh posko.milestone;
begin
    select * into o from posko.operation where id = p_operation for update;
    if o.id is null then
        raise 'there is no operation %', p_operation using errcode = 'PK404';
    elsif o.state = 'closed' then
        raise 'operation % is closed', p_operation using errcode = 'PK411';
    end if;
    select * into old from posko.milestone where operation_id = p_operation and code = p_code;
    if o.state = 'active' and (old.code is null or p_position <> old.position) then
        raise 'operation % is active: only hours, graces and labels of its milestones may change', p_operation using errcode = 'PK411';
    end if;

    if old.code is null then
        if p_position is null or p_planned is null or p_label_id is null then
            raise 'operation % has no milestone %; a new one needs position, planned hour and label', p_operation, p_code using errcode = 'PK411';
        end if;
        insert into posko.milestone (operation_id, code, position, day, planned, grace, label_id, label_en)
        values (p_operation, p_code, p_position, coalesce(p_day, 0), p_planned, coalesce(p_grace, interval '0'), p_label_id, coalesce(p_label_en, p_label_id));
    else
        update posko.milestone
        set position = coalesce(p_position, position), day = coalesce(p_day, day), planned = coalesce(p_planned, planned),
            grace = coalesce(p_grace, grace), label_id = coalesce(p_label_id, label_id), label_en = coalesce(p_label_en, label_en)
        where operation_id = p_operation and code = p_code
        returning * into fresh;
    end if;

    if o.state = 'draft' and (old.code is null or fresh.position <> old.position) then
        perform api.lay_out(p_operation); -- bumps the version itself
    else
        update posko.operation set version = version + 1 where id = p_operation;
    end if;
    if o.state = 'active' then
        perform api.move_obligations(o, fresh, o.version + 1);
        perform api.refold_late(p_operation, fresh.subject_id, o.version + 1,
                                (o.voting_day + old.day) + old.planned + old.grace, (o.voting_day + fresh.day) + fresh.planned + fresh.grace);
    end if;
    return o.version + 1;
end;
$$;
