-- A new incident, by what a report says. The caller holds the operation's row, gathers its reports and counts it.
create function api.open_incident(o posko.operation, p_version bigint, p_at timestamptz, p_report uuid, p_node int, p_said jsonb, p_account int, p_channel text)
returns posko.incident
language plpgsql
as $$
declare
    i        posko.incident;
    n        posko.node;
    v_rise   record;
    v_number int;
begin
    select * into n from posko.node where id = p_node;
    update posko.operation set incidents = incidents + 1 where id = o.id returning incidents into v_number;
    i.severity := array_position(array['rendah', 'sedang', 'tinggi', 'kritis'], p_said->>'severity');
    i.stage := coalesce(api.stage_at(o, n.utc_offset, p_at), 'persiapan');
    select * into v_rise from api.rise(o, p_report, p_node, 'incident', p_said->>'category', i.severity, i.stage, p_at);
    insert into posko.incident (id, operation_id, node_id, place, number, category, severity, occurrence, people, summary, status, stage, tier, reports,
                                latitude, longitude, opened_at, acknowledge_by, resolve_by, version, changed_at)
    values (p_report, o.id, p_node, n.code, v_number, p_said->>'category', i.severity, p_said->>'occurrence', (p_said->>'people')::int, p_said->>'text', 'baru',
            i.stage, v_rise.tier, 0, (p_said->'point'->>'latitude')::float8, (p_said->'point'->>'longitude')::float8,
            p_at, p_at + (v_rise.rule).acknowledge_within, p_at + (v_rise.rule).resolve_within, p_version, p_at)
    returning * into i;
    perform api.enter(i, p_version, p_at, p_account, p_channel, 'open', 'baru', null, json_build_object('report', i.id, 'rule', (v_rise.rule).name));
    return i;
end;
$$;
