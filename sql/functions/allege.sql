-- A report says of an incident that people have in hand that it is graver than they think: that is written on the case until somebody judges it,
-- and it climbs by the rule that it would have. The caller holds the operation's row.
create function api.allege(o posko.operation, p_version bigint, p_at timestamptz, i posko.incident, p_severity int, p_report uuid) returns void
language plpgsql
as $$
declare
    n posko.incident := i;
begin
    if p_severity <= coalesce(i.alleged, i.severity) or not api.is_open(i.status) then
        return;
    end if;
    n.alleged := p_severity;
    n := api.climb_anew(o, i, n, p_at);
    update posko.incident set alleged = n.alleged, peak = n.peak, acknowledge_by = n.acknowledge_by, resolve_by = n.resolve_by where id = i.id;
    perform api.enter(i, p_version, p_at, null, 'posko', 'alleged', i.status, null,
                      json_build_object('severity', (array['rendah', 'sedang', 'tinggi', 'kritis'])[p_severity], 'report', p_report));
end;
$$;
