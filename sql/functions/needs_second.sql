-- Whether a correction needs a second person: it withdraws what is somebody else's - says nothing instead, or that an incident was something else - or
-- a petugas corrects that; and nobody has approved it. What others have made of somebody's report is still theirs: whoever could withdraw an own
-- correction of it would withdraw it alone.
create function api.needs_second(p_report uuid, p_account int, p_role text, p_operation int, p_subject int) returns boolean
language sql stable
as $$
    with recursive chain(account_id, node_id, subject_id, corrects) as (
        select r.account_id, r.node_id, r.subject_id, r.corrects from posko.report r where r.id = p_report and r.operation_id = p_operation
        union all
        select r.account_id, r.node_id, r.subject_id, r.corrects from chain c join posko.report r on r.id = c.corrects and r.node_id = c.node_id
    ) cycle corrects set is_again using seen
    select exists (select from chain c where c.account_id <> p_account)
        and (p_subject is null or p_role = 'petugas' or exists (
                 select from chain c join posko.subject s on s.operation_id = p_operation and s.id = c.subject_id and s.kind = 'incident'
                 where s.id <> p_subject))
        and not exists (select from posko.approval v
                        where v.kind = 'void_report' and v.operation_id = p_operation and v.decision = 'approved' and v.failed_at is null and v.requested_by = p_account
                          and (v.details->>'report')::uuid = p_report);
$$;
