-- Adds a row to the log of an incident and stamps the incident with the version. The legal moves are the foreign key of the log,
-- and it never runs backwards, whatever somebody does to a drill's clock.
create function api.enter(i posko.incident, p_version bigint, p_at timestamptz, p_account int, p_channel text, p_action text, p_to text, p_said text, p_details json)
returns int
language plpgsql
as $$
declare
    v_seq int;
    v_at  timestamptz;
begin
    update posko.incident set entries = entries + 1, version = p_version, changed_at = greatest(changed_at, p_at) where id = i.id returning entries, changed_at into v_seq, v_at;
    insert into posko.incident_entry (incident_id, seq, at, account_id, channel, action, from_status, to_status, said, details, version)
    values (i.id, v_seq, v_at, p_account, p_channel, p_action, case when p_action <> 'open' then i.status end, p_to, p_said, p_details, p_version);
    return v_seq;
end;
$$;
