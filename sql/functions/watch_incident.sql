-- Puts an incident on somebody's own list, or takes it off. The second wall: an incident beyond the seat answers as one that does not exist.
create function api.watch_incident(p_incident uuid, p_account int, p_seat int, p_is_watched bool) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    o       posko.operation;
    v_place text;
begin
    select i.place into v_place from posko.incident i where i.id = p_incident;
    select op.* into o from posko.incident i join posko.operation op on op.id = i.operation_id where i.id = p_incident;
    if v_place is null or api.seat_level(p_account, p_seat, array['operator', 'supervisor', 'admin', 'auditor', 'petugas', 'system'], o, v_place) is null then
        raise 'there is no incident % here', p_incident using errcode = 'PK406';
    elsif p_is_watched then
        insert into posko.incident_watcher (incident_id, account_id, since) values (p_incident, p_account, posko.now()) on conflict do nothing;
    else
        delete from posko.incident_watcher where incident_id = p_incident and account_id = p_account;
    end if;
end;
$$;
