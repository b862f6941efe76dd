-- Takes alarms that were just closed out of the counts and stops their climbing.
create function api.end_alarms(o posko.operation, p_version bigint, p_alarms posko.alarm[]) returns void
language plpgsql
as $$
declare
    v_slot int := (select s.base from posko.subject s where s.operation_id = o.id and s.kind = 'alarm');
begin
    update posko.escalation set state = 'stopped', next_at = null where subject_id in (select a.id from unnest(p_alarms) as a);
    perform api.tell_ends(o, array(select a.id from unnest(p_alarms) as a));
    if v_slot is not null then
        perform api.roll_up(o.id, p_version, null, array_agg(a.node_id), array_agg(v_slot + array_position(array['belum_lapor', 'kota_diam', 'hadir', 'nihil'], a.kind)),
                            array_agg(-1))
        from unnest(p_alarms) as a;
    end if;
end;
$$;
