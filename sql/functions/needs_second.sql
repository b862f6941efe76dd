-- Whether withdrawing a report needs a second person: it is somebody else's, and nobody has approved it.
create function api.needs_second(p_report uuid, p_account int, p_operation int) returns boolean
language sql stable
return exists (select from posko.report r where r.id = p_report and r.operation_id = p_operation and r.account_id <> p_account)
    and not exists (select from posko.approval v
                    where v.kind = 'void_report' and v.operation_id = p_operation and v.decision = 'approved' and v.requested_by = p_account
                      and (v.details->>'report')::uuid = p_report);
