-- A draft operation with its tree and, where given, its estimated TPS, all or nothing: for an admin whose seat is of every operation and holds
-- the root. Without TPS it waits for its roster. An account has api.drafts_limit() of them at most.
create function api.make_draft(
    p_account int, p_seat int, p_name text, p_mode text, p_root text, p_root_level int, p_starts_on date, p_voting_day date, p_milestones json,
    p_contests json, p_regions json, p_tps json
) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    v_id int;
begin
    -- Of no operation yet: only a seat of every operation may.
    if api.seat_level(p_account, p_seat, array['admin'], null::posko.operation, p_root) is null then
        raise 'there is no region % here', p_root using errcode = 'PK405';
    end if;
    perform pg_advisory_xact_lock(api.drafts_lock(), p_account);
    if (select count(*) from posko.operation where made_by = p_account and state = 'draft') >= api.drafts_limit() then
        raise 'you have % drafts: activate or delete one', api.drafts_limit() using errcode = 'PK411', detail = '$', hint = 'drafts-limit';
    end if;
    v_id := api.create_operation(p_name, p_mode, p_root, p_root_level, p_starts_on, p_voting_day, p_tps is not null, p_milestones, p_contests);
    update posko.operation set made_by = p_account where id = v_id;
    perform api.stage_regions(p_regions);
    perform api.load_regions(v_id);
    if p_tps is not null then
        perform api.stage_tps(p_tps);
        perform api.load_roster(v_id, true);
    end if;
    analyze posko.node, posko.tps, posko.rollup;
    return v_id;
end;
$$;
