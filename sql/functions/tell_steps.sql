-- Tells the contacts of the desks that steps were just taken for, in groups: a critical incident is a group of its own and told at once, the
-- other incidents of a desk are one, the alarms of a desk one per kind and milestone, directives that are overdue one. The words are posko's own, never a reporter's.
create function api.tell_steps(o posko.operation, p_at timestamptz, p_ids uuid[]) returns void
language plpgsql
as $$
declare
    w record;
begin
    for w in
        with step as (
            select f.subject_id, f.node_id, e.about, n.code, n.name, above.name as above_name,
                   array(select jsonb_array_elements_text(e.steps->(f.step - 1)->'channels') order by 1) as channels
            from posko.firing f
            join posko.escalation e on e.subject_id = f.subject_id
            join posko.node n on n.id = e.node_id
            left join posko.node above on above.id = n.parent_id
            where f.subject_id = any(p_ids) and f.fired_at = p_at and f.outcome <> 'vacant'
              -- A desk that nobody is told at stays without groups: a silent nation is eighty thousand of them.
              and exists (select from posko.node d join posko.contact c on c.region_code = d.code and c.removed_at is null
                          where d.id = f.node_id and coalesce(c.operation_id, o.id) in (o.id, o.restricts))
        ), said as (
            select s.channels, s.node_id, s.subject_id::text as member, case when coalesce(i.alleged, i.severity) = 4 then 'incident:' || i.id else 'incidents' end as group_key,
                   (array['rendah', 'sedang', 'tinggi', 'kritis'])[coalesce(i.alleged, i.severity)] as severity, coalesce(i.alleged, i.severity) = 4 as is_urgent,
                   format('Kejadian %s: %s, %s, %s', i.number, i.category, s.name, s.above_name) as text_id,
                   format('Incident %s: %s, %s, %s', i.number, i.category, s.name, s.above_name) as text_en
            from step s join posko.incident i on s.about = 'incident' and i.id = s.subject_id
            union all
            select s.channels, s.node_id, s.subject_id::text, 'alarm:' || a.kind || coalesce(':' || a.subject_id, ''),
                   case when a.kind = 'kota_diam' then 'kritis' else 'sedang' end, a.kind = 'kota_diam',
                   case a.kind when 'belum_lapor' then format('%s dari %s TPS belum lapor %s: %s, %s', a.missing, a.expected, m.label_id, s.name, s.above_name)
                               when 'kota_diam' then format('Kota diam: %s dari %s TPS belum lapor %s, %s', a.missing, a.expected, m.label_id, s.name)
                               when 'hadir' then format('Desk tanpa hadir: %s', s.name) when 'nihil' then format('Nihil belum masuk: %s', s.name)
                               else format('Webhook gagal: %s dari %s endpoint di %s%s', a.missing, a.expected, s.name,
                                           ': ' || nullif(f.names, '') || case when a.missing > 3 then format(' dan %s lagi', a.missing - 3) else '' end) end,
                   case a.kind when 'belum_lapor' then format('%s of %s TPS have not reported %s: %s, %s', a.missing, a.expected, m.label_en, s.name, s.above_name)
                               when 'kota_diam' then format('Silent kota: %s of %s TPS have not reported %s, %s', a.missing, a.expected, m.label_en, s.name)
                               when 'hadir' then format('Nobody taps at the desk: %s', s.name) when 'nihil' then format('Nihil is due: %s', s.name)
                               else format('Webhooks fail: %s of %s endpoints in %s%s', a.missing, a.expected, s.name,
                                           ': ' || nullif(f.names, '') || case when a.missing > 3 then format(' and %s more', a.missing - 3) else '' end) end
            from step s join posko.alarm a on s.about = 'alarm' and a.id = s.subject_id
            left join posko.milestone m on m.operation_id = a.operation_id and m.subject_id = a.subject_id
            left join lateral (select array_to_string(api.failing_endpoints(o.id, s.code, 3), ', ') as names where a.kind = 'webhook') f on true
            union all
            select s.channels, s.node_id, s.subject_id::text, 'directives', 'sedang', false,
                   format('Arahan %s lewat tenggat: %s belum menjawab, %s', d.number, l.missing, s.name),
                   format('Directive %s is overdue: %s have not answered, %s', d.number, l.missing, s.name)
            from step s join posko.directive_late l on s.about = 'directive' and l.id = s.subject_id join posko.directive d on d.id = l.directive_id
        )
        select s.channels, s.is_urgent, array_agg(s.node_id order by s.node_id, s.group_key, s.member) as nodes, array_agg(s.group_key order by s.node_id, s.group_key, s.member) as groups,
               array_agg(s.member order by s.node_id, s.group_key, s.member) as members, array_agg(s.severity order by s.node_id, s.group_key, s.member) as severities,
               array_agg(s.text_id order by s.node_id, s.group_key, s.member) as texts_id, array_agg(s.text_en order by s.node_id, s.group_key, s.member) as texts_en
        from said s
        group by s.channels, s.is_urgent
        order by s.is_urgent desc, s.channels
    loop
        perform api.notify_many(o.id, w.nodes, w.groups, w.members, array_fill('firing'::text, array[cardinality(w.nodes)]), w.severities, w.texts_id, w.texts_en,
                                w.channels, case when w.is_urgent then interval '0' else interval '30 seconds' end);
    end loop;
end;
$$;
