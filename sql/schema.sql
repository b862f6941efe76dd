-- Made by `make schema` from sql/migrations; a test keeps it true. Read it, do not edit it.

CREATE SCHEMA posko;

CREATE TYPE posko.news AS (
	type text,
	node_id integer,
	key text,
	lane text,
	at timestamp with time zone,
	data jsonb
);

CREATE TABLE posko.incident (
    id uuid NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    place text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    category text NOT NULL COLLATE pg_catalog."C",
    severity smallint NOT NULL,
    occurrence text NOT NULL,
    people integer,
    summary text NOT NULL,
    status text NOT NULL,
    verification text DEFAULT 'belum'::text NOT NULL,
    proof text,
    stage text NOT NULL,
    tier smallint NOT NULL,
    owner_id integer,
    reports integer DEFAULT 0 NOT NULL,
    entries integer DEFAULT 0 NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    acknowledge_by timestamp with time zone NOT NULL,
    resolve_by timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    resolved_at timestamp with time zone,
    closed_at timestamp with time zone,
    overdue_at timestamp with time zone,
    parent_id uuid,
    merged_into uuid,
    latitude double precision,
    longitude double precision,
    revote_kind text,
    revote_decider text,
    revote_by timestamp with time zone,
    revote_on date,
    version bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('indonesian'::regconfig, ((summary || ' '::text) || replace(replace(category, '_'::text, ' '::text), '.'::text, ' '::text)))) STORED,
    peak smallint DEFAULT 1 NOT NULL,
    alleged smallint,
    CONSTRAINT incident_check CHECK (((parent_id <> id) AND (merged_into <> id))),
    CONSTRAINT incident_check1 CHECK (((status = 'digabung'::text) = (merged_into IS NOT NULL))),
    CONSTRAINT incident_check2 CHECK (((verification = 'terverifikasi'::text) <= (proof IS NOT NULL))),
    CONSTRAINT incident_check3 CHECK (((status <> ALL (ARRAY['diterima'::text, 'ditangani'::text])) OR (acknowledged_at IS NOT NULL))),
    CONSTRAINT incident_check4 CHECK (((status = ANY (ARRAY['selesai'::text, 'ditutup'::text])) <= (resolved_at IS NOT NULL))),
    CONSTRAINT incident_check5 CHECK (((status = 'ditutup'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT incident_check6 CHECK (((latitude IS NULL) = (longitude IS NULL))),
    CONSTRAINT incident_check7 CHECK (((revote_kind IS NULL) <= ((revote_on IS NULL) AND (revote_by IS NULL) AND (revote_decider IS NULL)))),
    CONSTRAINT incident_check8 CHECK (((alleged > severity) AND (alleged <= 4))),
    CONSTRAINT incident_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
    CONSTRAINT incident_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
    CONSTRAINT incident_number_check CHECK ((number >= 1)),
    CONSTRAINT incident_occurrence_check CHECK ((occurrence = ANY (ARRAY['terjadi'::text, 'sedang'::text, 'potensi'::text]))),
    CONSTRAINT incident_peak_check CHECK (((peak >= 1) AND (peak <= 4))),
    CONSTRAINT incident_people_check CHECK (((people >= 0) AND (people <= 1000000))),
    CONSTRAINT incident_proof_check CHECK (((length(proof) >= 3) AND (length(proof) <= 2000))),
    CONSTRAINT incident_revote_decider_check CHECK (((length(revote_decider) >= 2) AND (length(revote_decider) <= 80))),
    CONSTRAINT incident_revote_kind_check CHECK ((revote_kind = ANY (ARRAY['psu'::text, 'pss'::text, 'psl'::text]))),
    CONSTRAINT incident_severity_check CHECK (((severity >= 1) AND (severity <= 4))),
    CONSTRAINT incident_status_check CHECK ((status = ANY (ARRAY['baru'::text, 'diterima'::text, 'ditangani'::text, 'selesai'::text, 'ditutup'::text, 'dibuka_kembali'::text, 'digabung'::text, 'batal'::text]))),
    CONSTRAINT incident_summary_check CHECK (((length(summary) >= 1) AND (length(summary) <= 2000))),
    CONSTRAINT incident_tier_check CHECK (((tier >= 0) AND (tier <= 5))),
    CONSTRAINT incident_verification_check CHECK ((verification = ANY (ARRAY['belum'::text, 'terverifikasi'::text, 'tidak_benar'::text])))
);

ALTER TABLE ONLY posko.incident FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.operation (
    id integer NOT NULL,
    name text NOT NULL,
    mode text NOT NULL,
    root_code text NOT NULL COLLATE pg_catalog."C",
    root_level smallint NOT NULL,
    starts_on date NOT NULL,
    voting_day date NOT NULL,
    tps_estimated boolean NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    layout integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    activated_at timestamp with time zone,
    closed_at timestamp with time zone,
    restricts integer,
    name_salt bytea DEFAULT sha256(((gen_random_uuid())::text)::bytea) NOT NULL,
    names_until date NOT NULL,
    clock_at timestamp with time zone,
    clock_set_at timestamp with time zone,
    clock_speed double precision,
    incidents integer DEFAULT 0 NOT NULL,
    present_every interval DEFAULT '01:00:00'::interval NOT NULL,
    directives integer DEFAULT 0 NOT NULL,
    made_by integer,
    CONSTRAINT clock_of_drill CHECK (((clock_at IS NULL) OR (mode = 'drill'::text))),
    CONSTRAINT clock_whole CHECK ((((clock_at IS NULL) = (clock_set_at IS NULL)) AND ((clock_at IS NULL) = (clock_speed IS NULL)))),
    CONSTRAINT operation_check CHECK ((voting_day >= starts_on)),
    CONSTRAINT operation_check1 CHECK (((state = 'draft'::text) = (activated_at IS NULL))),
    CONSTRAINT operation_check2 CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT operation_check3 CHECK ((restricts <> id)),
    CONSTRAINT operation_clock_speed_check CHECK (((clock_speed >= (0)::double precision) AND (clock_speed <= (100000)::double precision))),
    CONSTRAINT operation_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'drill'::text]))),
    CONSTRAINT operation_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT operation_present_every_check CHECK ((present_every >= '00:01:00'::interval)),
    CONSTRAINT operation_root_level_check CHECK (((root_level >= 0) AND (root_level <= 5))),
    CONSTRAINT operation_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'active'::text, 'closed'::text]))),
    CONSTRAINT operation_version_check CHECK ((version >= 0))
)
WITH (fillfactor='50');

ALTER TABLE ONLY posko.operation FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.subject (
    operation_id integer NOT NULL,
    id smallint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    top_level smallint DEFAULT 0 NOT NULL,
    not_before timestamp without time zone,
    base smallint NOT NULL,
    width smallint NOT NULL,
    CONSTRAINT subject_base_check CHECK ((base >= 0)),
    CONSTRAINT subject_kind_check CHECK ((kind = ANY (ARRAY['presence'::text, 'incident'::text, 'nihil'::text, 'unreachable'::text, 'flag'::text, 'milestone'::text, 'custody'::text, 'turnout'::text, 'ballots'::text, 'count'::text, 'case'::text, 'alarm'::text, 'directive'::text, 'team'::text, 'guard'::text]))),
    CONSTRAINT subject_width_check CHECK (((width >= 1) AND (width <= 40)))
);

CREATE TABLE posko.directive (
    id uuid NOT NULL,
    operation_id integer NOT NULL,
    number integer NOT NULL,
    node_id integer NOT NULL,
    place text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    requires text NOT NULL,
    text text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    audience jsonb NOT NULL,
    places text[] COLLATE pg_catalog."C",
    sent_to text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    incident_id uuid,
    request smallint,
    template text COLLATE pg_catalog."C",
    account_id integer NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by integer,
    withdrawn_why text,
    late_at timestamp with time zone,
    targets integer NOT NULL,
    sent integer DEFAULT 0 NOT NULL,
    unanswered integer DEFAULT 0 NOT NULL,
    read integer DEFAULT 0 NOT NULL,
    accepted integer DEFAULT 0 NOT NULL,
    refused integer DEFAULT 0 NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    overdue integer DEFAULT 0 NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT directive_check CHECK (((request IS NULL) OR (incident_id IS NOT NULL))),
    CONSTRAINT directive_check1 CHECK (((due_at > issued_at) AND (due_at <= (issued_at + '30 days'::interval)))),
    CONSTRAINT directive_check2 CHECK ((sent = ((unanswered + refused) + done))),
    CONSTRAINT directive_check3 CHECK ((LEAST(sent, unanswered, read, accepted, refused, done, overdue) >= 0)),
    CONSTRAINT directive_check4 CHECK (((overdue <= unanswered) AND (accepted <= read) AND (read <= sent) AND (sent <= targets))),
    CONSTRAINT directive_check5 CHECK (((state <> 'sending'::text) OR (sent < targets))),
    CONSTRAINT directive_check6 CHECK (((state <> 'sent'::text) OR (sent = targets))),
    CONSTRAINT directive_check7 CHECK (((state = ANY (ARRAY['withdrawing'::text, 'withdrawn'::text])) = (withdrawn_at IS NOT NULL))),
    CONSTRAINT directive_check8 CHECK (((state <> 'withdrawn'::text) OR (unanswered = 0))),
    CONSTRAINT directive_check9 CHECK ((((withdrawn_at IS NULL) = (withdrawn_by IS NULL)) AND ((withdrawn_at IS NULL) = (withdrawn_why IS NULL)))),
    CONSTRAINT directive_kind_check CHECK ((kind = ANY (ARRAY['perintah'::text, 'saran'::text, 'informasi'::text]))),
    CONSTRAINT directive_number_check CHECK ((number >= 1)),
    CONSTRAINT directive_places_check CHECK (((cardinality(places) >= 1) AND (cardinality(places) <= 5000))),
    CONSTRAINT directive_requires_check CHECK ((requires = ANY (ARRAY['baca'::text, 'terima'::text, 'laksanakan'::text, 'jawab'::text]))),
    CONSTRAINT directive_state_check CHECK ((state = ANY (ARRAY['sending'::text, 'sent'::text, 'withdrawing'::text, 'withdrawn'::text]))),
    CONSTRAINT directive_targets_check CHECK (((targets >= 1) AND (targets <= 20000))),
    CONSTRAINT directive_text_check CHECK (((length(text) >= 1) AND (length(text) <= 2000))),
    CONSTRAINT directive_withdrawn_why_check CHECK (((length(withdrawn_why) >= 3) AND (length(withdrawn_why) <= 500)))
);

ALTER TABLE ONLY posko.directive FORCE ROW LEVEL SECURITY;

CREATE FUNCTION posko.now() RETURNS timestamp with time zone
    LANGUAGE sql
    RETURN COALESCE((NULLIF(current_setting('posko.now'::text, true), ''::text))::timestamp with time zone, clock_timestamp());

CREATE TABLE posko.alarm (
    id uuid DEFAULT uuidv7() NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    kind text NOT NULL,
    subject_id smallint,
    missing integer NOT NULL,
    expected integer NOT NULL,
    peak integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by integer,
    closed_at timestamp with time zone,
    version bigint NOT NULL,
    acknowledged_said text,
    CONSTRAINT alarm_acknowledged_said_check CHECK (((length(acknowledged_said) >= 1) AND (length(acknowledged_said) <= 500))),
    CONSTRAINT alarm_check CHECK (((acknowledged_said IS NULL) OR (acknowledged_by IS NOT NULL))),
    CONSTRAINT alarm_check1 CHECK ((expected >= missing)),
    CONSTRAINT alarm_check2 CHECK ((peak >= missing)),
    CONSTRAINT alarm_check3 CHECK ((closed_at >= opened_at)),
    CONSTRAINT alarm_check4 CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
    CONSTRAINT alarm_kind_check CHECK ((kind = ANY (ARRAY['belum_lapor'::text, 'kota_diam'::text, 'hadir'::text, 'nihil'::text, 'webhook'::text]))),
    CONSTRAINT alarm_missing_check CHECK ((missing >= 0)),
    CONSTRAINT alarm_subject_check CHECK (((subject_id IS NULL) = (kind = ANY (ARRAY['hadir'::text, 'nihil'::text, 'webhook'::text]))))
);

ALTER TABLE ONLY posko.alarm FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.directive_target (
    directive_id uuid NOT NULL,
    node_id integer NOT NULL,
    place text NOT NULL COLLATE pg_catalog."C",
    desk_id integer NOT NULL,
    requires text NOT NULL,
    state text DEFAULT 'terkirim'::text NOT NULL,
    is_open boolean GENERATED ALWAYS AS (((state = 'terkirim'::text) OR ((state = 'dibaca'::text) AND (requires <> 'baca'::text)) OR ((state = 'diterima'::text) AND (requires = ANY (ARRAY['laksanakan'::text, 'jawab'::text]))))) STORED NOT NULL,
    overdue_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT directive_target_state_check CHECK ((state = ANY (ARRAY['terkirim'::text, 'dibaca'::text, 'diterima'::text, 'ditolak'::text, 'dilaksanakan'::text, 'dijawab'::text, 'ditarik'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY posko.directive_target FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.node (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    parent_id integer,
    level smallint NOT NULL,
    name text NOT NULL,
    utc_offset smallint NOT NULL,
    path integer[] NOT NULL,
    restricts integer,
    CONSTRAINT node_level_check CHECK (((level >= 0) AND (level <= 6))),
    CONSTRAINT node_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT node_utc_offset_check CHECK (((utc_offset >= 7) AND (utc_offset <= 9)))
);

ALTER TABLE ONLY posko.node FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.directive_template (
    operation_id integer,
    "position" smallint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    requires text NOT NULL,
    text text NOT NULL,
    CONSTRAINT directive_template_code_check CHECK ((code ~ '^[a-z][a-z_]{1,40}$'::text)),
    CONSTRAINT directive_template_kind_check CHECK ((kind = ANY (ARRAY['perintah'::text, 'saran'::text, 'informasi'::text]))),
    CONSTRAINT directive_template_requires_check CHECK ((requires = ANY (ARRAY['baca'::text, 'terima'::text, 'laksanakan'::text, 'jawab'::text]))),
    CONSTRAINT directive_template_text_check CHECK (((length(text) >= 1) AND (length(text) <= 2000)))
);

CREATE TABLE posko.curve (
    operation_id integer NOT NULL,
    names text[] NOT NULL,
    slots smallint[] NOT NULL,
    depth smallint NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    sampled_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    thinned_until timestamp with time zone NOT NULL,
    CONSTRAINT curve_check CHECK ((cardinality(slots) = cardinality(names))),
    CONSTRAINT curve_depth_check CHECK (((depth >= 0) AND (depth <= 5)))
);

ALTER TABLE ONLY posko.curve FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.guard_pattern (
    operation_id integer,
    version integer NOT NULL,
    grade text NOT NULL,
    polri smallint NOT NULL,
    tps smallint NOT NULL,
    linmas smallint NOT NULL,
    author_id integer,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT guard_pattern_grade_check CHECK ((grade = ANY (ARRAY['kurang_rawan'::text, 'rawan'::text, 'sangat_rawan'::text, 'khusus'::text]))),
    CONSTRAINT guard_pattern_linmas_check CHECK (((linmas >= 0) AND (linmas <= 600))),
    CONSTRAINT guard_pattern_polri_check CHECK (((polri >= 0) AND (polri <= 200))),
    CONSTRAINT guard_pattern_tps_check CHECK (((tps >= 1) AND (tps <= 60))),
    CONSTRAINT guard_pattern_version_check CHECK ((version >= 1))
);

CREATE TABLE posko.escalation (
    subject_id uuid NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    about text NOT NULL,
    rule text NOT NULL,
    steps jsonb NOT NULL,
    repeats smallint NOT NULL,
    repeat_after interval NOT NULL,
    quiet_after interval,
    acknowledge_within interval,
    resolve_within interval,
    state text NOT NULL,
    round integer DEFAULT 1 NOT NULL,
    step smallint DEFAULT 1 NOT NULL,
    next_at timestamp with time zone,
    held_until timestamp with time zone,
    CONSTRAINT escalation_about_check CHECK ((about = ANY (ARRAY['incident'::text, 'alarm'::text, 'directive'::text]))),
    CONSTRAINT escalation_check CHECK (((state = 'climbing'::text) <= (next_at IS NOT NULL))),
    CONSTRAINT escalation_check1 CHECK (((state = ANY (ARRAY['stopped'::text, 'exhausted'::text])) <= (next_at IS NULL))),
    CONSTRAINT escalation_check2 CHECK (((state = 'climbing'::text) <= (step <= jsonb_array_length(steps)))),
    CONSTRAINT escalation_round_check CHECK ((round >= 1)),
    CONSTRAINT escalation_state_check CHECK ((state = ANY (ARRAY['climbing'::text, 'accepted'::text, 'stopped'::text, 'exhausted'::text]))),
    CONSTRAINT escalation_step_check CHECK ((step >= 1))
);

ALTER TABLE ONLY posko.escalation FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.endpoint (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    region_code text NOT NULL COLLATE pg_catalog."C",
    cleared boolean NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    types text[] NOT NULL COLLATE pg_catalog."C",
    is_thin boolean NOT NULL,
    rate integer NOT NULL,
    state text DEFAULT 'unverified'::text NOT NULL,
    state_why text,
    sequence bigint DEFAULT 0 NOT NULL,
    owner_id integer,
    added_at timestamp with time zone NOT NULL,
    verified_at timestamp with time zone,
    failing_since timestamp with time zone,
    answered_at timestamp with time zone,
    is_full boolean DEFAULT false NOT NULL,
    removed_by integer,
    removed_at timestamp with time zone,
    CONSTRAINT endpoint_check CHECK (((state <> 'active'::text) OR (verified_at IS NOT NULL))),
    CONSTRAINT endpoint_check1 CHECK (((removed_by IS NULL) OR (removed_at IS NOT NULL))),
    CONSTRAINT endpoint_description_check CHECK ((((length(description) >= 1) AND (length(description) <= 200)) AND (description !~ '[[:cntrl:]]'::text))),
    CONSTRAINT endpoint_rate_check CHECK (((rate >= 1) AND (rate <= 1000))),
    CONSTRAINT endpoint_region_code_check CHECK (((region_code = 'ID'::text) OR (region_code ~ '^[0-9]{2}([.][0-9]{2,4}){0,4}$'::text))),
    CONSTRAINT endpoint_state_check CHECK ((state = ANY (ARRAY['unverified'::text, 'active'::text, 'paused'::text, 'disabled'::text]))),
    CONSTRAINT endpoint_state_why_check CHECK (((length(state_why) >= 1) AND (length(state_why) <= 200))),
    CONSTRAINT endpoint_types_check CHECK (((cardinality(types) >= 1) AND (cardinality(types) <= 32))),
    CONSTRAINT endpoint_url_check CHECK ((((length(url) >= 12) AND (length(url) <= 2000)) AND (url !~ '[[:cntrl:][:space:]]'::text)))
)
WITH (fillfactor='50');

ALTER TABLE ONLY posko.endpoint FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.account (
    id integer NOT NULL,
    username text NOT NULL COLLATE pg_catalog."C",
    password_hash text,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    kind text DEFAULT 'person'::text NOT NULL,
    institution text DEFAULT 'lain'::text NOT NULL COLLATE pg_catalog."C",
    party text,
    is_party boolean DEFAULT false NOT NULL,
    password_until timestamp with time zone,
    CONSTRAINT account_check CHECK (((party IS NULL) OR is_party)),
    CONSTRAINT account_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'system'::text, 'break_glass'::text]))),
    CONSTRAINT account_party_check CHECK (((length(party) >= 1) AND (length(party) <= 80))),
    CONSTRAINT account_username_check CHECK ((username ~ '^[a-z0-9][a-z0-9._-]{1,62}$'::text))
);

CREATE TABLE posko.assignment (
    id integer NOT NULL,
    account_id integer NOT NULL,
    is_party boolean NOT NULL,
    role text NOT NULL,
    regions text[] NOT NULL COLLATE pg_catalog."C",
    operation_id integer,
    cleared boolean DEFAULT false NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    granted_by integer,
    granted_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT assignment_check CHECK ((ends_at > starts_at)),
    CONSTRAINT assignment_check1 CHECK ((NOT (cleared AND (role = 'wall'::text)))),
    CONSTRAINT assignment_regions_check CHECK ((((cardinality(regions) >= 1) AND (cardinality(regions) <= 64)) AND (array_to_string(regions, ' '::text, 'x'::text) ~ '^(ID|[0-9]{2}([.][0-9]{2,4}){0,5})( (ID|[0-9]{2}([.][0-9]{2,4}){0,5}))*$'::text))),
    CONSTRAINT assignment_role_check CHECK ((role = ANY (ARRAY['petugas'::text, 'operator'::text, 'supervisor'::text, 'admin'::text, 'auditor'::text, 'wall'::text, 'system'::text]))),
    CONSTRAINT party_is_never_cleared CHECK ((NOT (cleared AND is_party)))
);

CREATE TABLE posko.incident_request (
    incident_id uuid NOT NULL,
    number smallint NOT NULL,
    kind text NOT NULL,
    addressee text NOT NULL,
    question text NOT NULL,
    asked_by integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    answer text,
    answered_by integer,
    answered_at timestamp with time zone,
    id integer NOT NULL,
    CONSTRAINT incident_request_addressee_check CHECK (((length(addressee) >= 2) AND (length(addressee) <= 80))),
    CONSTRAINT incident_request_answer_check CHECK (((length(answer) >= 3) AND (length(answer) <= 2000))),
    CONSTRAINT incident_request_check CHECK ((((answer IS NULL) = (answered_by IS NULL)) AND ((answer IS NULL) = (answered_at IS NULL)))),
    CONSTRAINT incident_request_kind_check CHECK ((kind = ANY (ARRAY['advice'::text, 'referral'::text]))),
    CONSTRAINT incident_request_number_check CHECK (((number >= 1) AND (number <= 200))),
    CONSTRAINT incident_request_question_check CHECK (((length(question) >= 3) AND (length(question) <= 2000)))
);

ALTER TABLE ONLY posko.incident_request FORCE ROW LEVEL SECURITY;

CREATE FUNCTION posko.is_cleared() RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (current_setting('posko.cleared'::text, true) = 'on'::text);

CREATE FUNCTION posko.one_operation() RETURNS integer
    LANGUAGE sql STABLE
    RETURN (NULLIF(current_setting('posko.operation'::text, true), ''::text))::integer;

CREATE FUNCTION posko.scope() RETURNS text[]
    LANGUAGE sql STABLE
    RETURN (NULLIF(current_setting('posko.scope'::text, true), ''::text))::text[];

CREATE TABLE posko.milestone (
    operation_id integer NOT NULL,
    subject_id smallint,
    code text NOT NULL COLLATE pg_catalog."C",
    "position" smallint NOT NULL,
    label_id text NOT NULL,
    label_en text NOT NULL,
    day smallint DEFAULT 0 NOT NULL,
    planned time without time zone NOT NULL,
    grace interval NOT NULL,
    CONSTRAINT milestone_code_check CHECK ((code ~ '^[a-z][a-z_]{1,40}$'::text)),
    CONSTRAINT milestone_day_check CHECK (((day >= '-7'::integer) AND (day <= 30))),
    CONSTRAINT milestone_grace_check CHECK ((grace >= '00:00:00'::interval)),
    CONSTRAINT milestone_label_en_check CHECK (((length(label_en) >= 1) AND (length(label_en) <= 80))),
    CONSTRAINT milestone_label_id_check CHECK (((length(label_id) >= 1) AND (length(label_id) <= 80)))
);

CREATE TABLE posko.priority_weight (
    operation_id integer,
    version integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    points smallint NOT NULL,
    most smallint NOT NULL,
    author_id integer,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT priority_weight_check CHECK (((most >= points) AND (most <= 10000))),
    CONSTRAINT priority_weight_code_check CHECK ((code = ANY (ARRAY['grade.kurang_rawan'::text, 'grade.rawan'::text, 'grade.sangat_rawan'::text, 'grade.khusus'::text, 'indicator'::text, 'incident.rendah'::text, 'incident.sedang'::text, 'incident.tinggi'::text, 'incident.kritis'::text, 'incident.age'::text, 'disaster'::text, 'overdue'::text, 'overdue.age'::text, 'unreachable'::text, 'seal_broken'::text, 'flag'::text, 'guard_short'::text, 'guard_absent'::text]))),
    CONSTRAINT priority_weight_points_check CHECK (((points >= 0) AND (points <= 1000))),
    CONSTRAINT priority_weight_version_check CHECK ((version >= 1))
);

CREATE TABLE posko.rule (
    operation_id integer,
    version integer NOT NULL,
    "position" smallint NOT NULL,
    name text NOT NULL,
    about text NOT NULL,
    kinds text[],
    severities smallint[],
    stages text[],
    steps jsonb NOT NULL,
    repeats smallint DEFAULT 0 NOT NULL,
    repeat_after interval DEFAULT '00:30:00'::interval NOT NULL,
    quiet_after interval,
    acknowledge_within interval NOT NULL,
    resolve_within interval NOT NULL,
    author_id integer,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT rule_about_check CHECK ((about = ANY (ARRAY['incident'::text, 'alarm'::text, 'directive'::text]))),
    CONSTRAINT rule_acknowledge_within_check CHECK ((acknowledge_within >= '00:01:00'::interval)),
    CONSTRAINT rule_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
    CONSTRAINT rule_quiet_after_check CHECK ((quiet_after >= '00:01:00'::interval)),
    CONSTRAINT rule_repeat_after_check CHECK ((repeat_after >= '00:01:00'::interval)),
    CONSTRAINT rule_repeats_check CHECK (((repeats >= 0) AND (repeats <= 9))),
    CONSTRAINT rule_resolve_within_check CHECK ((resolve_within >= '00:01:00'::interval)),
    CONSTRAINT rule_steps_check CHECK (((jsonb_array_length(steps) >= 1) AND (jsonb_array_length(steps) <= 12))),
    CONSTRAINT rule_version_check CHECK ((version >= 1))
);

CREATE FUNCTION posko.above_scope() RETURNS text[]
    LANGUAGE sql STABLE
    RETURN (NULLIF(current_setting('posko.above'::text, true), ''::text))::text[];

ALTER TABLE posko.account ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.approval (
    id integer NOT NULL,
    kind text NOT NULL,
    operation_id integer NOT NULL,
    region_code text NOT NULL COLLATE pg_catalog."C",
    details json NOT NULL,
    reason text NOT NULL,
    requested_by integer NOT NULL,
    requested_in integer NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    decided_by integer,
    decision text,
    decided_why text,
    decided_at timestamp with time zone,
    used_at timestamp with time zone,
    failed_at timestamp with time zone,
    failed_why text,
    CONSTRAINT approval_check CHECK ((((decision IS NULL) = (decided_by IS NULL)) AND ((decision IS NULL) = (decided_at IS NULL)))),
    CONSTRAINT approval_check1 CHECK ((((failed_at IS NULL) = (failed_why IS NULL)) AND ((failed_at IS NULL) OR ((used_at IS NULL) AND (decision = 'approved'::text))))),
    CONSTRAINT approval_decided_why_check CHECK (((length(decided_why) >= 3) AND (length(decided_why) <= 500))),
    CONSTRAINT approval_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'refused'::text]))),
    CONSTRAINT approval_failed_why_check CHECK (((length(failed_why) >= 1) AND (length(failed_why) <= 500))),
    CONSTRAINT approval_kind_check CHECK ((kind = ANY (ARRAY['void_report'::text, 'void_incident'::text, 'reopen_operation'::text, 'clear_flags'::text, 'export_log'::text, 'excuse'::text]))),
    CONSTRAINT approval_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 500))),
    CONSTRAINT two_persons CHECK ((decided_by <> requested_by))
);

ALTER TABLE posko.approval ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.approval_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE posko.assignment ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.assignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.attempt (
    endpoint_id integer NOT NULL,
    event_id bigint NOT NULL,
    number smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    ms integer NOT NULL,
    status smallint,
    error text COLLATE pg_catalog."C",
    address text,
    answer text,
    CONSTRAINT attempt_address_check CHECK ((length(address) <= 64)),
    CONSTRAINT attempt_answer_check CHECK ((length(answer) <= 2048)),
    CONSTRAINT attempt_error_check CHECK ((error ~ '^[a-z_]{1,30}$'::text)),
    CONSTRAINT attempt_ms_check CHECK ((ms >= 0)),
    CONSTRAINT attempt_number_check CHECK ((number >= 1))
);

ALTER TABLE ONLY posko.attempt FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.category (
    operation_id integer,
    version integer NOT NULL,
    "position" smallint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    label_id text NOT NULL,
    label_en text NOT NULL,
    CONSTRAINT category_code_check CHECK ((code ~ '^[a-z][a-z_]{1,30}([.][a-z][a-z_]{1,30})?$'::text)),
    CONSTRAINT category_label_en_check CHECK (((length(label_en) >= 1) AND (length(label_en) <= 80))),
    CONSTRAINT category_label_id_check CHECK (((length(label_id) >= 1) AND (length(label_id) <= 80)))
);

CREATE UNLOGGED TABLE posko.challenge (
    id uuid NOT NULL,
    purpose text NOT NULL,
    account_id integer,
    device_id integer,
    bytes bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT challenge_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'authenticate'::text, 'device'::text])))
);

CREATE TABLE posko.contact (
    id integer NOT NULL,
    operation_id integer,
    region_code text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    address text NOT NULL COLLATE pg_catalog."C",
    label text NOT NULL,
    cleared boolean NOT NULL,
    added_by integer,
    added_at timestamp with time zone NOT NULL,
    removed_by integer,
    removed_at timestamp with time zone,
    CONSTRAINT contact_address_check CHECK ((((length(address) >= 3) AND (length(address) <= 254)) AND (address !~ '[[:cntrl:][:space:]]'::text))),
    CONSTRAINT contact_channel_check CHECK ((channel ~ '^[a-z][a-z0-9_]{1,30}$'::text)),
    CONSTRAINT contact_check CHECK (((removed_by IS NULL) OR (removed_at IS NOT NULL))),
    CONSTRAINT contact_label_check CHECK ((((length(label) >= 1) AND (length(label) <= 120)) AND (label !~ '[[:cntrl:]]'::text))),
    CONSTRAINT contact_region_code_check CHECK (((region_code = 'ID'::text) OR (region_code ~ '^[0-9]{2}([.][0-9]{2,4}){0,4}$'::text)))
);

ALTER TABLE ONLY posko.contact FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.contact ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.contact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.contest (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    kind text NOT NULL,
    region_code text NOT NULL COLLATE pg_catalog."C",
    region_level smallint NOT NULL,
    CONSTRAINT contest_kind_check CHECK ((kind = ANY (ARRAY['gubernur'::text, 'bupati_walikota'::text]))),
    CONSTRAINT contest_region_level_check CHECK ((region_level = ANY (ARRAY[1, 2])))
);

ALTER TABLE posko.contest ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.contest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.counter (
    operation_id integer NOT NULL,
    slot smallint NOT NULL,
    name text NOT NULL,
    top_level smallint NOT NULL,
    CONSTRAINT counter_slot_check CHECK ((slot >= 1))
);

CREATE TABLE posko.curve_gap (
    operation_id integer NOT NULL,
    until_at timestamp with time zone NOT NULL,
    from_at timestamp with time zone NOT NULL,
    CONSTRAINT curve_gap_check CHECK ((from_at < until_at))
);

ALTER TABLE ONLY posko.curve_gap FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.curve_point (
    node_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    counters integer[] NOT NULL
);

ALTER TABLE ONLY posko.curve_point FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.delivery (
    endpoint_id integer NOT NULL,
    event_id bigint NOT NULL,
    sequence bigint NOT NULL,
    lane text NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    why text,
    attempts smallint DEFAULT 0 NOT NULL,
    failures smallint DEFAULT 0 NOT NULL,
    is_replayed boolean DEFAULT false NOT NULL,
    since timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT delivery_check CHECK (((ended_at IS NULL) = (state = ANY (ARRAY['pending'::text, 'parked'::text])))),
    CONSTRAINT delivery_lane_check CHECK ((lane = ANY (ARRAY['escalation'::text, 'rest'::text]))),
    CONSTRAINT delivery_sequence_check CHECK ((sequence >= 1)),
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'parked'::text, 'dead'::text, 'skipped'::text, 'dropped'::text]))),
    CONSTRAINT delivery_why_check CHECK (((length(why) >= 1) AND (length(why) <= 200)))
)
WITH (fillfactor='70');

ALTER TABLE ONLY posko.delivery FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.delivery_key (
    endpoint_id integer NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    lane text NOT NULL,
    next_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY posko.delivery_key FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.device (
    id integer NOT NULL,
    account_id integer NOT NULL,
    public_key bytea NOT NULL,
    pin_hash text NOT NULL,
    pin_failures smallint DEFAULT 0 NOT NULL,
    name text NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT device_name_check CHECK (((length(name) >= 1) AND (length(name) <= 60))),
    CONSTRAINT device_pin_failures_check CHECK (((pin_failures >= 0) AND (pin_failures <= 5)))
);

ALTER TABLE posko.device ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.device_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.directive_entry (
    node_id integer NOT NULL,
    directive_id uuid NOT NULL,
    to_state text NOT NULL COLLATE pg_catalog."C",
    requires text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    from_state text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    account_id integer NOT NULL,
    said text,
    proof text,
    report_id uuid,
    CONSTRAINT directive_entry_check CHECK (((action <> ALL (ARRAY['refusal'::text, 'answer'::text])) OR (said IS NOT NULL))),
    CONSTRAINT directive_entry_check1 CHECK (((action <> 'completion'::text) OR (num_nonnulls(proof, report_id) > 0))),
    CONSTRAINT directive_entry_check2 CHECK (((action = 'completion'::text) OR (num_nonnulls(proof, report_id) = 0))),
    CONSTRAINT directive_entry_proof_check CHECK (((length(proof) >= 3) AND (length(proof) <= 2000))),
    CONSTRAINT directive_entry_said_check CHECK (((length(said) >= 1) AND (length(said) <= 2000)))
);

ALTER TABLE ONLY posko.directive_entry FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.directive_late (
    id uuid DEFAULT uuidv7() NOT NULL,
    directive_id uuid NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    missing integer NOT NULL,
    peak integer NOT NULL,
    closed_at timestamp with time zone,
    version bigint NOT NULL,
    CONSTRAINT directive_late_check CHECK ((peak >= missing)),
    CONSTRAINT directive_late_check1 CHECK ((closed_at >= opened_at)),
    CONSTRAINT directive_late_check2 CHECK (((missing > 0) OR (closed_at IS NOT NULL))),
    CONSTRAINT directive_late_missing_check CHECK ((missing >= 0))
);

ALTER TABLE ONLY posko.directive_late FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.directive_move (
    requires text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    from_state text NOT NULL COLLATE pg_catalog."C",
    to_state text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE posko.duty (
    node_id integer NOT NULL,
    operation_id integer NOT NULL,
    every interval NOT NULL,
    since timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    CONSTRAINT duty_check CHECK ((due_at > since)),
    CONSTRAINT duty_every_check CHECK (((every >= '00:01:00'::interval) AND (every <= '31 days'::interval)))
);

ALTER TABLE ONLY posko.duty FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.endpoint ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.endpoint_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.endpoint_key (
    uid uuid NOT NULL,
    endpoint_id integer NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    CONSTRAINT endpoint_key_check CHECK ((ends_at > made_at)),
    CONSTRAINT endpoint_key_sealed_check CHECK (((length(sealed) >= 53) AND (length(sealed) <= 93)))
);

ALTER TABLE ONLY posko.endpoint_key FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.endpoint_lane (
    endpoint_id integer NOT NULL,
    lane text NOT NULL,
    fence integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    open_at timestamp with time zone NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    trips smallint DEFAULT 0 NOT NULL,
    CONSTRAINT endpoint_lane_lane_check CHECK ((lane = ANY (ARRAY['escalation'::text, 'rest'::text])))
)
WITH (fillfactor='50');

ALTER TABLE ONLY posko.endpoint_lane FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.enrolment (
    id integer NOT NULL,
    code_hash bytea NOT NULL,
    account_id integer NOT NULL,
    assignment_id integer NOT NULL,
    issued_by integer NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    device_id integer,
    CONSTRAINT enrolment_check CHECK (((expires_at > issued_at) AND (expires_at <= (issued_at + '72:00:00'::interval)))),
    CONSTRAINT enrolment_code_hash_check CHECK ((length(code_hash) = 32))
);

ALTER TABLE posko.enrolment ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.enrolment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.event (
    id bigint NOT NULL,
    uid uuid DEFAULT uuidv7() NOT NULL,
    operation_id integer NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    node_id integer NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT event_data_check CHECK ((pg_column_size(data) < 20000)),
    CONSTRAINT event_key_check CHECK (((length(key) >= 1) AND (length(key) <= 100))),
    CONSTRAINT event_type_check CHECK ((type ~ '^[a-z]+([.][a-z]+)+$'::text))
);

ALTER TABLE ONLY posko.event FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME posko.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.excuse (
    node_id integer NOT NULL,
    subject_id smallint NOT NULL,
    reason text NOT NULL,
    account_id integer NOT NULL,
    excused_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by integer,
    approval_id integer,
    CONSTRAINT excuse_check CHECK (((withdrawn_at IS NULL) = (withdrawn_by IS NULL))),
    CONSTRAINT excuse_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 500)))
);

ALTER TABLE ONLY posko.excuse FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.firing (
    subject_id uuid NOT NULL,
    round integer NOT NULL,
    step smallint NOT NULL,
    node_id integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    fired_at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    CONSTRAINT firing_outcome_check CHECK ((outcome = ANY (ARRAY['told'::text, 'vacant'::text, 'by_hand'::text])))
);

ALTER TABLE ONLY posko.firing FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.flag (
    node_id integer NOT NULL,
    kind text NOT NULL,
    subject_id smallint NOT NULL,
    report_id uuid NOT NULL,
    raised_at timestamp with time zone,
    CONSTRAINT flag_kind_check CHECK ((kind ~ '^[a-z_]{1,30}$'::text))
);

ALTER TABLE ONLY posko.flag FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.flag_clearing (
    node_id integer NOT NULL,
    kind text NOT NULL,
    subject_id smallint NOT NULL,
    report_id uuid NOT NULL,
    account_id integer NOT NULL,
    reason text NOT NULL,
    cleared_at timestamp with time zone NOT NULL,
    CONSTRAINT flag_clearing_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 500)))
);

ALTER TABLE ONLY posko.flag_clearing FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.flag_past (
    node_id integer NOT NULL,
    kind text NOT NULL,
    subject_id smallint NOT NULL,
    report_id uuid NOT NULL,
    raised_at timestamp with time zone,
    ended_at timestamp with time zone NOT NULL,
    ended_by uuid
);

ALTER TABLE ONLY posko.flag_past FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.gateway (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    added_by integer,
    added_at timestamp with time zone NOT NULL,
    closed_by integer,
    closed_at timestamp with time zone,
    CONSTRAINT gateway_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'whatsapp'::text, 'telegram'::text]))),
    CONSTRAINT gateway_check CHECK (((closed_by IS NULL) OR (closed_at IS NOT NULL))),
    CONSTRAINT gateway_name_check CHECK ((((length(name) >= 1) AND (length(name) <= 60)) AND (name !~ '[[:cntrl:]]'::text)))
);

ALTER TABLE posko.gateway ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.gateway_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.gateway_key (
    id integer NOT NULL,
    gateway_id integer NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone
);

ALTER TABLE posko.gateway_key ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.gateway_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.guard (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    name text NOT NULL,
    institution text NOT NULL COLLATE pg_catalog."C",
    members smallint NOT NULL,
    posts smallint NOT NULL,
    account_id integer,
    phone text,
    withdrawn_at timestamp with time zone,
    version bigint NOT NULL,
    CONSTRAINT guard_check CHECK (((withdrawn_at IS NULL) = (posts > 0))),
    CONSTRAINT guard_members_check CHECK (((members >= 1) AND (members <= 200))),
    CONSTRAINT guard_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT guard_phone_check CHECK ((phone ~ '^[+]?[0-9]{6,15}$'::text)),
    CONSTRAINT guard_posts_check CHECK (((posts >= 0) AND (posts <= 60)))
);

ALTER TABLE ONLY posko.guard FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.guard ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.guard_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.guard_post (
    guard_id integer NOT NULL,
    node_id integer NOT NULL,
    checked_in_at timestamp with time zone,
    checked_in_by integer,
    left_at timestamp with time zone,
    left_by integer,
    withdrawn_at timestamp with time zone,
    CONSTRAINT guard_post_check CHECK ((left_at >= checked_in_at)),
    CONSTRAINT guard_post_check1 CHECK ((((checked_in_at IS NULL) = (checked_in_by IS NULL)) AND ((left_at IS NULL) = (left_by IS NULL)))),
    CONSTRAINT guard_post_check2 CHECK (((left_at IS NULL) OR (checked_in_at IS NOT NULL)))
);

ALTER TABLE ONLY posko.guard_post FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.incident_entry (
    incident_id uuid NOT NULL,
    seq integer NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id integer,
    channel text NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    from_status text COLLATE pg_catalog."C",
    to_status text NOT NULL COLLATE pg_catalog."C",
    said text,
    details json,
    version bigint,
    CONSTRAINT incident_entry_channel_check CHECK ((channel = ANY (ARRAY['app'::text, 'desk'::text, 'sms'::text, 'whatsapp'::text, 'telegram'::text, 'radio'::text, 'telepon'::text, 'api'::text, 'posko'::text]))),
    CONSTRAINT incident_entry_check CHECK (((action = 'open'::text) = (from_status IS NULL))),
    CONSTRAINT incident_entry_said_check CHECK (((length(said) >= 1) AND (length(said) <= 2000))),
    CONSTRAINT incident_entry_seq_check CHECK ((seq >= 1))
);

ALTER TABLE ONLY posko.incident_entry FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.incident_move (
    action text NOT NULL COLLATE pg_catalog."C",
    from_status text NOT NULL COLLATE pg_catalog."C",
    to_status text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE posko.incident_report (
    report_id uuid NOT NULL,
    incident_id uuid NOT NULL
);

ALTER TABLE ONLY posko.incident_report FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.incident_request ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.incident_request_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.incident_watcher (
    incident_id uuid NOT NULL,
    account_id integer NOT NULL,
    since timestamp with time zone NOT NULL
);

ALTER TABLE ONLY posko.incident_watcher FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.institution (
    code text NOT NULL COLLATE pg_catalog."C",
    label_id text NOT NULL,
    label_en text NOT NULL,
    is_party boolean DEFAULT false NOT NULL,
    CONSTRAINT institution_code_check CHECK ((code ~ '^[a-z][a-z_]{1,30}$'::text))
);

CREATE TABLE posko.log_entry (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id integer,
    username text,
    role text,
    session_id integer,
    action text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL COLLATE pg_catalog."C",
    operation_id integer,
    region_code text COLLATE pg_catalog."C",
    restricted boolean DEFAULT false NOT NULL,
    subject text,
    detail text,
    address text,
    times integer DEFAULT 1 NOT NULL,
    CONSTRAINT log_entry_action_check CHECK ((action ~ '^[a-z][a-z_.]{2,40}$'::text)),
    CONSTRAINT log_entry_address_check CHECK ((length(address) <= 64)),
    CONSTRAINT log_entry_detail_check CHECK ((length(detail) <= 500)),
    CONSTRAINT log_entry_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text]))),
    CONSTRAINT log_entry_subject_check CHECK ((length(subject) <= 200)),
    CONSTRAINT log_entry_times_check CHECK ((times >= 1))
);

ALTER TABLE posko.log_entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.log_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.message (
    id uuid NOT NULL,
    notice_id bigint NOT NULL,
    telling integer NOT NULL,
    contact_id integer NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    state text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone,
    fence integer DEFAULT 0 NOT NULL,
    last_error text,
    sent_at timestamp with time zone,
    CONSTRAINT message_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT message_check CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL))),
    CONSTRAINT message_check1 CHECK (((state = 'pending'::text) OR (lease_until IS NULL))),
    CONSTRAINT message_last_error_check CHECK ((length(last_error) <= 300)),
    CONSTRAINT message_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text, 'dropped'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY posko.message FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.node ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.node_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.notice (
    id bigint NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    group_key text NOT NULL COLLATE pg_catalog."C",
    channels text[] COLLATE pg_catalog."C",
    opened_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone NOT NULL,
    telling integer DEFAULT 0 NOT NULL,
    told_at timestamp with time zone,
    quiet_until timestamp with time zone,
    closed_at timestamp with time zone,
    CONSTRAINT notice_check CHECK ((((telling = 0) = (told_at IS NULL)) AND ((telling = 0) = (quiet_until IS NULL)))),
    CONSTRAINT notice_group_key_check CHECK (((length(group_key) >= 1) AND (length(group_key) <= 200)))
)
WITH (fillfactor='80');

ALTER TABLE ONLY posko.notice FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.notice ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.notice_member (
    notice_id bigint NOT NULL,
    member text NOT NULL COLLATE pg_catalog."C",
    severity text NOT NULL COLLATE pg_catalog."C",
    text_id text NOT NULL,
    text_en text NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    fired_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    told_state text COLLATE pg_catalog."C",
    told_severity text COLLATE pg_catalog."C",
    CONSTRAINT notice_member_member_check CHECK (((length(member) >= 1) AND (length(member) <= 200))),
    CONSTRAINT notice_member_severity_check CHECK ((severity = ANY (ARRAY['rendah'::text, 'sedang'::text, 'tinggi'::text, 'kritis'::text]))),
    CONSTRAINT notice_member_state_check CHECK ((state = ANY (ARRAY['firing'::text, 'resolved'::text]))),
    CONSTRAINT notice_member_text_en_check CHECK ((length(text_en) <= 300)),
    CONSTRAINT notice_member_text_id_check CHECK ((length(text_id) <= 300)),
    CONSTRAINT notice_member_told_state_check CHECK ((told_state = ANY (ARRAY['firing'::text, 'resolved'::text])))
)
WITH (fillfactor='80');

ALTER TABLE ONLY posko.notice_member FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.obligation (
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    subject_id smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    overdue_at timestamp with time zone,
    alarmed_at timestamp with time zone,
    CONSTRAINT obligation_check CHECK (((alarmed_at IS NULL) OR (overdue_at IS NOT NULL)))
);

ALTER TABLE ONLY posko.obligation FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.operation ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.operation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.outage (
    id uuid NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    account_id integer NOT NULL,
    began_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by integer,
    CONSTRAINT outage_check CHECK (((until > began_at) AND (until <= (began_at + '24:00:00'::interval)))),
    CONSTRAINT outage_kind_check CHECK ((kind = ANY (ARRAY['listrik'::text, 'seluler'::text, 'internet'::text, 'banjir'::text, 'bencana'::text, 'pemeliharaan'::text]))),
    CONSTRAINT outage_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 500)))
);

ALTER TABLE ONLY posko.outage FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.paslon (
    contest_id integer NOT NULL,
    number smallint NOT NULL,
    name text NOT NULL,
    is_empty_box boolean DEFAULT false NOT NULL,
    CONSTRAINT paslon_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT paslon_number_check CHECK (((number >= 1) AND (number <= 20)))
);

CREATE TABLE posko.passkey (
    id integer NOT NULL,
    account_id integer NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT passkey_credential_id_check CHECK (((length(credential_id) >= 1) AND (length(credential_id) <= 1023))),
    CONSTRAINT passkey_name_check CHECK (((length(name) >= 1) AND (length(name) <= 60)))
);

ALTER TABLE posko.passkey ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.passkey_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.person (
    account_id integer NOT NULL,
    full_name text NOT NULL,
    phone text,
    CONSTRAINT person_full_name_check CHECK (((length(full_name) >= 1) AND (length(full_name) <= 120))),
    CONSTRAINT person_phone_check CHECK ((phone ~ '^[+]?[0-9]{6,15}$'::text))
);

CREATE TABLE posko.photo (
    report_id uuid NOT NULL,
    "position" smallint NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    bytes integer NOT NULL,
    kind text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    object_key text NOT NULL COLLATE pg_catalog."C",
    account_id integer NOT NULL,
    kept_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone,
    CONSTRAINT photo_bytes_check CHECK (((bytes >= 1) AND (bytes <= 8388608))),
    CONSTRAINT photo_check CHECK ((gone_at >= kept_at)),
    CONSTRAINT photo_check1 CHECK ((((width)::bigint * height) <= 40000000)),
    CONSTRAINT photo_height_check CHECK ((height >= 1)),
    CONSTRAINT photo_kind_check CHECK ((kind = ANY (ARRAY['jpeg'::text, 'png'::text, 'webp'::text, 'heic'::text]))),
    CONSTRAINT photo_object_key_check CHECK ((object_key ~ '^[0-9]+/[0-9a-f]{32}$'::text)),
    CONSTRAINT photo_position_check CHECK ((("position" >= 1) AND ("position" <= 4))),
    CONSTRAINT photo_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT photo_width_check CHECK ((width >= 1))
);

ALTER TABLE ONLY posko.photo FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.report (
    id uuid NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    account_id integer NOT NULL,
    on_behalf_of text,
    version bigint NOT NULL,
    subject_id smallint,
    weight bigint NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    corrects uuid,
    vals integer[] NOT NULL,
    body json NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='1');

ALTER TABLE ONLY posko.report ALTER COLUMN vals SET STATISTICS 0;

ALTER TABLE ONLY posko.report ALTER COLUMN body SET STATISTICS 0;

ALTER TABLE ONLY posko.report FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN posko.report.on_behalf_of IS 'keyed digest of the name in report_person';

CREATE TABLE posko.report_person (
    report_id uuid NOT NULL,
    "position" smallint NOT NULL,
    operation_id integer NOT NULL,
    part text NOT NULL,
    name text NOT NULL,
    CONSTRAINT report_person_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT report_person_part_check CHECK ((part = ANY (ARRAY['pelapor'::text, 'korban'::text, 'saksi'::text, 'terlapor'::text, 'petugas'::text, 'lain'::text])))
);

ALTER TABLE ONLY posko.report_person FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.revote (
    node_id integer NOT NULL,
    kind text NOT NULL,
    vote_on date NOT NULL,
    counts_from timestamp with time zone,
    incident_id uuid NOT NULL,
    account_id integer NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT revote_check CHECK (((kind <> 'psl'::text) OR (counts_from IS NULL))),
    CONSTRAINT revote_kind_check CHECK ((kind = ANY (ARRAY['psu'::text, 'pss'::text, 'psl'::text])))
);

ALTER TABLE ONLY posko.revote FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.rollup (
    node_id integer NOT NULL,
    version bigint NOT NULL,
    last_at timestamp with time zone,
    counters integer[] NOT NULL,
    own integer[]
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='1');

ALTER TABLE ONLY posko.rollup ALTER COLUMN counters SET STATISTICS 0;

ALTER TABLE ONLY posko.rollup ALTER COLUMN own SET STATISTICS 0;

ALTER TABLE ONLY posko.rollup FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.sender (
    id integer NOT NULL,
    account_id integer NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    hint text NOT NULL COLLATE pg_catalog."C",
    regions text[] NOT NULL COLLATE pg_catalog."C",
    operation_id integer,
    added_by integer,
    added_at timestamp with time zone NOT NULL,
    CONSTRAINT sender_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'whatsapp'::text, 'telegram'::text]))),
    CONSTRAINT sender_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT sender_hint_check CHECK ((length(hint) <= 3)),
    CONSTRAINT sender_regions_check CHECK (((cardinality(regions) >= 1) AND (cardinality(regions) <= 64)))
);

ALTER TABLE posko.sender ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.sender_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.session (
    id integer NOT NULL,
    account_id integer NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    assignment_id integer,
    device_id integer,
    kind text DEFAULT 'sign_in'::text NOT NULL,
    factors text[] DEFAULT '{password}'::text[] NOT NULL,
    must_enrol text,
    idle interval,
    seen_at timestamp with time zone NOT NULL,
    stepped_up_at timestamp with time zone,
    name text,
    address text,
    CONSTRAINT session_address_check CHECK ((length(address) <= 64)),
    CONSTRAINT session_check CHECK ((expires_at > created_at)),
    CONSTRAINT session_kind_check CHECK ((kind = ANY (ARRAY['sign_in'::text, 'key'::text]))),
    CONSTRAINT session_must_enrol_check CHECK ((must_enrol = ANY (ARRAY['totp'::text, 'passkey'::text]))),
    CONSTRAINT session_name_check CHECK ((length(name) <= 60)),
    CONSTRAINT session_token_hash_check CHECK ((length(token_hash) = 32))
);

ALTER TABLE posko.session ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.shift (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    region_code text NOT NULL COLLATE pg_catalog."C",
    account_id integer NOT NULL,
    took_over_from integer,
    began_at timestamp with time zone NOT NULL,
    note text,
    handed_to integer,
    handed_over_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    ended_at timestamp with time zone,
    present_at timestamp with time zone,
    CONSTRAINT shift_check CHECK ((handed_to <> account_id)),
    CONSTRAINT shift_check1 CHECK ((ended_at >= began_at)),
    CONSTRAINT shift_check2 CHECK ((((note IS NULL) = (handed_over_at IS NULL)) AND ((handed_to IS NULL) = (handed_over_at IS NULL)))),
    CONSTRAINT shift_check3 CHECK (((acknowledged_at IS NULL) OR ((handed_over_at IS NOT NULL) AND (ended_at = acknowledged_at)))),
    CONSTRAINT shift_note_check CHECK (((length(note) >= 1) AND (length(note) <= 4000)))
);

ALTER TABLE posko.shift ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.shift_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.stage (
    operation_id integer,
    code text NOT NULL COLLATE pg_catalog."C",
    label_id text NOT NULL,
    label_en text NOT NULL,
    day smallint NOT NULL,
    begins time without time zone NOT NULL,
    CONSTRAINT stage_code_check CHECK ((code ~ '^[a-z][a-z_]{1,30}$'::text)),
    CONSTRAINT stage_day_check CHECK (((day >= '-365'::integer) AND (day <= 60)))
);

CREATE TABLE posko.team (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    name text NOT NULL,
    members smallint NOT NULL,
    institution text NOT NULL COLLATE pg_catalog."C",
    briefed_at timestamp with time zone,
    briefed_by integer,
    present_at timestamp with time zone,
    present_by integer,
    withdrawn_at timestamp with time zone,
    version bigint NOT NULL,
    CONSTRAINT team_check CHECK (((briefed_at IS NULL) = (briefed_by IS NULL))),
    CONSTRAINT team_check1 CHECK (((present_at IS NULL) = (present_by IS NULL))),
    CONSTRAINT team_members_check CHECK (((members >= 1) AND (members <= 500))),
    CONSTRAINT team_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80)))
);

ALTER TABLE ONLY posko.team FORCE ROW LEVEL SECURITY;

ALTER TABLE posko.team ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.team_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.telling (
    notice_id bigint NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    why text NOT NULL COLLATE pg_catalog."C",
    about json NOT NULL,
    CONSTRAINT telling_number_check CHECK ((number >= 1)),
    CONSTRAINT telling_why_check CHECK ((why = ANY (ARRAY['new'::text, 'changed'::text, 'repeat'::text, 'resolved'::text])))
);

ALTER TABLE ONLY posko.telling FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.text_received (
    gateway_id integer NOT NULL,
    message_id text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    CONSTRAINT text_received_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT text_received_message_id_check CHECK (((length(message_id) >= 1) AND (length(message_id) <= 128)))
);

CREATE TABLE posko.threshold (
    node_id integer NOT NULL,
    subject_id smallint NOT NULL,
    share smallint NOT NULL,
    reached_at timestamp with time zone NOT NULL,
    CONSTRAINT threshold_share_check CHECK ((share = ANY (ARRAY[25, 50, 75, 90, 100])))
);

ALTER TABLE ONLY posko.threshold FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.totp (
    account_id integer NOT NULL,
    secret bytea NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint
);

CREATE TABLE posko.tps (
    node_id integer NOT NULL,
    number smallint NOT NULL,
    voters_l smallint NOT NULL,
    voters_p smallint NOT NULL,
    address text,
    latitude double precision,
    longitude double precision,
    indicators text[] DEFAULT '{}'::text[] NOT NULL,
    police_grade text,
    polsek text,
    koramil text,
    CONSTRAINT tps_address_check CHECK ((length(address) <= 300)),
    CONSTRAINT tps_check CHECK (((latitude IS NULL) = (longitude IS NULL))),
    CONSTRAINT tps_koramil_check CHECK ((length(koramil) <= 120)),
    CONSTRAINT tps_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
    CONSTRAINT tps_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
    CONSTRAINT tps_number_check CHECK (((number >= 1) AND (number <= 999))),
    CONSTRAINT tps_police_grade_check CHECK ((police_grade = ANY (ARRAY['kurang_rawan'::text, 'rawan'::text, 'sangat_rawan'::text, 'khusus'::text]))),
    CONSTRAINT tps_polsek_check CHECK ((length(polsek) <= 120)),
    CONSTRAINT tps_voters_l_check CHECK (((voters_l >= 0) AND (voters_l <= 2000))),
    CONSTRAINT tps_voters_p_check CHECK (((voters_p >= 0) AND (voters_p <= 2000)))
);

ALTER TABLE ONLY posko.tps FORCE ROW LEVEL SECURITY;

CREATE TABLE posko.voice (
    report_id uuid NOT NULL,
    operation_id integer NOT NULL,
    node_id integer NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    bytes integer NOT NULL,
    kind text NOT NULL,
    object_key text NOT NULL COLLATE pg_catalog."C",
    account_id integer NOT NULL,
    kept_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone,
    CONSTRAINT voice_bytes_check CHECK (((bytes >= 1) AND (bytes <= 1048576))),
    CONSTRAINT voice_check CHECK ((gone_at >= kept_at)),
    CONSTRAINT voice_kind_check CHECK ((kind = ANY (ARRAY['webm'::text, 'mp4'::text]))),
    CONSTRAINT voice_object_key_check CHECK ((object_key ~ '^[0-9]+/[0-9a-f]{32}$'::text)),
    CONSTRAINT voice_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY posko.voice FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY posko.account
    ADD CONSTRAINT account_id_is_party_key UNIQUE (id, is_party);

ALTER TABLE ONLY posko.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.account
    ADD CONSTRAINT account_username_key UNIQUE (username);

ALTER TABLE ONLY posko.alarm
    ADD CONSTRAINT alarm_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.assignment
    ADD CONSTRAINT assignment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (endpoint_id, event_id, number);

ALTER TABLE ONLY posko.category
    ADD CONSTRAINT category_operation_id_version_code_key UNIQUE NULLS NOT DISTINCT (operation_id, version, code);

ALTER TABLE ONLY posko.challenge
    ADD CONSTRAINT challenge_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.contest
    ADD CONSTRAINT contest_operation_id_kind_region_code_key UNIQUE (operation_id, kind, region_code);

ALTER TABLE ONLY posko.contest
    ADD CONSTRAINT contest_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.counter
    ADD CONSTRAINT counter_operation_id_name_key UNIQUE (operation_id, name);

ALTER TABLE ONLY posko.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (operation_id, slot);

ALTER TABLE ONLY posko.curve_gap
    ADD CONSTRAINT curve_gap_pkey PRIMARY KEY (operation_id, until_at);

ALTER TABLE ONLY posko.curve
    ADD CONSTRAINT curve_pkey PRIMARY KEY (operation_id);

ALTER TABLE ONLY posko.curve_point
    ADD CONSTRAINT curve_point_pkey PRIMARY KEY (node_id, at);

ALTER TABLE ONLY posko.delivery_key
    ADD CONSTRAINT delivery_key_pkey PRIMARY KEY (endpoint_id, key);

ALTER TABLE ONLY posko.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (endpoint_id, event_id);

ALTER TABLE ONLY posko.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.directive_entry
    ADD CONSTRAINT directive_entry_pkey PRIMARY KEY (node_id, directive_id, to_state);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_id_requires_key UNIQUE (id, requires);

ALTER TABLE ONLY posko.directive_late
    ADD CONSTRAINT directive_late_directive_id_node_id_key UNIQUE (directive_id, node_id);

ALTER TABLE ONLY posko.directive_late
    ADD CONSTRAINT directive_late_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.directive_move
    ADD CONSTRAINT directive_move_pkey PRIMARY KEY (requires, action, from_state, to_state);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_operation_id_number_key UNIQUE (operation_id, number);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.directive_target
    ADD CONSTRAINT directive_target_directive_id_place_key UNIQUE (directive_id, place);

ALTER TABLE ONLY posko.directive_target
    ADD CONSTRAINT directive_target_pkey PRIMARY KEY (node_id, directive_id);

ALTER TABLE ONLY posko.directive_template
    ADD CONSTRAINT directive_template_operation_id_code_key UNIQUE NULLS NOT DISTINCT (operation_id, code);

ALTER TABLE ONLY posko.duty
    ADD CONSTRAINT duty_pkey PRIMARY KEY (node_id);

ALTER TABLE ONLY posko.endpoint_key
    ADD CONSTRAINT endpoint_key_pkey PRIMARY KEY (uid);

ALTER TABLE ONLY posko.endpoint_lane
    ADD CONSTRAINT endpoint_lane_pkey PRIMARY KEY (endpoint_id, lane);

ALTER TABLE ONLY posko.endpoint
    ADD CONSTRAINT endpoint_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.enrolment
    ADD CONSTRAINT enrolment_code_hash_key UNIQUE (code_hash);

ALTER TABLE ONLY posko.enrolment
    ADD CONSTRAINT enrolment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.escalation
    ADD CONSTRAINT escalation_pkey PRIMARY KEY (subject_id);

ALTER TABLE ONLY posko.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.event
    ADD CONSTRAINT event_uid_key UNIQUE (uid);

ALTER TABLE ONLY posko.excuse
    ADD CONSTRAINT excuse_pkey PRIMARY KEY (node_id, subject_id, excused_at);

ALTER TABLE ONLY posko.firing
    ADD CONSTRAINT firing_pkey PRIMARY KEY (subject_id, round, step);

ALTER TABLE ONLY posko.flag_clearing
    ADD CONSTRAINT flag_clearing_pkey PRIMARY KEY (node_id, kind, subject_id, report_id);

ALTER TABLE ONLY posko.flag_past
    ADD CONSTRAINT flag_past_pkey PRIMARY KEY (node_id, kind, subject_id, report_id, ended_at);

ALTER TABLE ONLY posko.flag
    ADD CONSTRAINT flag_pkey PRIMARY KEY (node_id, kind, subject_id, report_id);

ALTER TABLE ONLY posko.gateway_key
    ADD CONSTRAINT gateway_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.gateway
    ADD CONSTRAINT gateway_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.guard_pattern
    ADD CONSTRAINT guard_pattern_operation_id_version_grade_key UNIQUE NULLS NOT DISTINCT (operation_id, version, grade);

ALTER TABLE ONLY posko.guard
    ADD CONSTRAINT guard_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.guard_post
    ADD CONSTRAINT guard_post_pkey PRIMARY KEY (guard_id, node_id);

ALTER TABLE ONLY posko.incident_entry
    ADD CONSTRAINT incident_entry_pkey PRIMARY KEY (incident_id, seq);

ALTER TABLE ONLY posko.incident_move
    ADD CONSTRAINT incident_move_pkey PRIMARY KEY (action, from_status, to_status);

ALTER TABLE ONLY posko.incident
    ADD CONSTRAINT incident_operation_id_number_key UNIQUE (operation_id, number);

ALTER TABLE ONLY posko.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.incident_report
    ADD CONSTRAINT incident_report_pkey PRIMARY KEY (report_id);

ALTER TABLE ONLY posko.incident_request
    ADD CONSTRAINT incident_request_id_key UNIQUE (id);

ALTER TABLE ONLY posko.incident_request
    ADD CONSTRAINT incident_request_pkey PRIMARY KEY (incident_id, number);

ALTER TABLE ONLY posko.incident_watcher
    ADD CONSTRAINT incident_watcher_pkey PRIMARY KEY (incident_id, account_id);

ALTER TABLE ONLY posko.institution
    ADD CONSTRAINT institution_code_is_party_key UNIQUE (code, is_party);

ALTER TABLE ONLY posko.institution
    ADD CONSTRAINT institution_pkey PRIMARY KEY (code);

ALTER TABLE ONLY posko.log_entry
    ADD CONSTRAINT log_entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.milestone
    ADD CONSTRAINT milestone_operation_id_subject_id_key UNIQUE (operation_id, subject_id);

ALTER TABLE ONLY posko.milestone
    ADD CONSTRAINT milestone_pkey PRIMARY KEY (operation_id, code);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_operation_id_code_key UNIQUE (operation_id, code);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.notice_member
    ADD CONSTRAINT notice_member_pkey PRIMARY KEY (notice_id, member);

ALTER TABLE ONLY posko.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.obligation
    ADD CONSTRAINT obligation_pkey PRIMARY KEY (node_id, subject_id);

ALTER TABLE ONLY posko.operation
    ADD CONSTRAINT operation_name_key UNIQUE (name);

ALTER TABLE ONLY posko.operation
    ADD CONSTRAINT operation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.operation
    ADD CONSTRAINT operation_restricts_key UNIQUE (restricts);

ALTER TABLE ONLY posko.outage
    ADD CONSTRAINT outage_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.paslon
    ADD CONSTRAINT paslon_pkey PRIMARY KEY (contest_id, number);

ALTER TABLE ONLY posko.passkey
    ADD CONSTRAINT passkey_credential_id_key UNIQUE (credential_id);

ALTER TABLE ONLY posko.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY posko.photo
    ADD CONSTRAINT photo_object_key_key UNIQUE (object_key);

ALTER TABLE ONLY posko.photo
    ADD CONSTRAINT photo_pkey PRIMARY KEY (report_id, "position");

ALTER TABLE ONLY posko.priority_weight
    ADD CONSTRAINT priority_weight_operation_id_version_code_key UNIQUE NULLS NOT DISTINCT (operation_id, version, code);

ALTER TABLE ONLY posko.report_person
    ADD CONSTRAINT report_person_pkey PRIMARY KEY (report_id, "position");

ALTER TABLE ONLY posko.report
    ADD CONSTRAINT report_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.revote
    ADD CONSTRAINT revote_pkey PRIMARY KEY (node_id);

ALTER TABLE ONLY posko.rollup
    ADD CONSTRAINT rollup_pkey PRIMARY KEY (node_id);

ALTER TABLE ONLY posko.rule
    ADD CONSTRAINT rule_operation_id_version_position_key UNIQUE NULLS NOT DISTINCT (operation_id, version, "position");

ALTER TABLE ONLY posko.sender
    ADD CONSTRAINT sender_channel_digest_key UNIQUE (channel, digest);

ALTER TABLE ONLY posko.sender
    ADD CONSTRAINT sender_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY posko.shift
    ADD CONSTRAINT shift_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.shift
    ADD CONSTRAINT shift_took_over_from_key UNIQUE (took_over_from);

ALTER TABLE ONLY posko.stage
    ADD CONSTRAINT stage_operation_id_code_key UNIQUE NULLS NOT DISTINCT (operation_id, code);

ALTER TABLE ONLY posko.stage
    ADD CONSTRAINT stage_operation_id_day_begins_key UNIQUE NULLS NOT DISTINCT (operation_id, day, begins);

ALTER TABLE ONLY posko.subject
    ADD CONSTRAINT subject_operation_id_name_key UNIQUE (operation_id, name);

ALTER TABLE ONLY posko.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (operation_id, id);

ALTER TABLE ONLY posko.team
    ADD CONSTRAINT team_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.telling
    ADD CONSTRAINT telling_pkey PRIMARY KEY (notice_id, number);

ALTER TABLE ONLY posko.text_received
    ADD CONSTRAINT text_received_pkey PRIMARY KEY (gateway_id, message_id);

ALTER TABLE ONLY posko.threshold
    ADD CONSTRAINT threshold_pkey PRIMARY KEY (node_id, subject_id, share);

ALTER TABLE ONLY posko.message
    ADD CONSTRAINT told_once UNIQUE (notice_id, telling, contact_id);

ALTER TABLE ONLY posko.totp
    ADD CONSTRAINT totp_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY posko.tps
    ADD CONSTRAINT tps_pkey PRIMARY KEY (node_id);

ALTER TABLE ONLY posko.voice
    ADD CONSTRAINT voice_object_key_key UNIQUE (object_key);

ALTER TABLE ONLY posko.voice
    ADD CONSTRAINT voice_pkey PRIMARY KEY (report_id);

CREATE INDEX account_by_change ON posko.account USING btree (changed_at);

CREATE INDEX alarm_by_node ON posko.alarm USING btree (node_id);

CREATE INDEX alarm_by_version ON posko.alarm USING btree (operation_id, version);

CREATE UNIQUE INDEX alarm_open ON posko.alarm USING btree (node_id, kind, subject_id) NULLS NOT DISTINCT WHERE (closed_at IS NULL);

CREATE INDEX alarm_standing ON posko.alarm USING btree (operation_id, opened_at) WHERE (closed_at IS NULL);

CREATE INDEX approval_open ON posko.approval USING btree (operation_id, region_code) WHERE (decision IS NULL);

CREATE INDEX assignment_by_account ON posko.assignment USING btree (account_id);

CREATE INDEX assignment_by_change ON posko.assignment USING btree (changed_at);

CREATE INDEX attempt_by_time ON posko.attempt USING btree (endpoint_id, at);

CREATE INDEX challenge_by_expiry ON posko.challenge USING btree (expires_at);

CREATE UNIQUE INDEX contact_once ON posko.contact USING btree (region_code, channel, lower(address), COALESCE(operation_id, 0)) WHERE (removed_at IS NULL);

CREATE INDEX delivery_failed ON posko.delivery USING btree (endpoint_id, event_id) WHERE (state = ANY (ARRAY['parked'::text, 'dead'::text, 'skipped'::text, 'dropped'::text]));

CREATE INDEX delivery_key_due ON posko.delivery_key USING btree (endpoint_id, lane, next_at);

CREATE INDEX delivery_waiting ON posko.delivery USING btree (endpoint_id, key, event_id) WHERE (state = ANY (ARRAY['pending'::text, 'parked'::text]));

CREATE INDEX device_by_account ON posko.device USING btree (account_id);

CREATE INDEX directive_by_incident ON posko.directive USING btree (incident_id) WHERE (incident_id IS NOT NULL);

CREATE INDEX directive_by_node ON posko.directive USING btree (node_id);

CREATE INDEX directive_by_version ON posko.directive USING btree (operation_id, version);

CREATE INDEX directive_due ON posko.directive USING btree (operation_id, due_at) WHERE ((late_at IS NULL) AND (withdrawn_at IS NULL));

CREATE INDEX directive_late_by_node ON posko.directive_late USING btree (node_id);

CREATE INDEX directive_late_standing ON posko.directive_late USING btree (operation_id, node_id) WHERE (closed_at IS NULL);

CREATE INDEX directive_target_by_desk ON posko.directive_target USING btree (desk_id);

CREATE INDEX directive_target_open ON posko.directive_target USING btree (directive_id, place) WHERE is_open;

CREATE INDEX directive_unfinished ON posko.directive USING btree (operation_id, number) WHERE (state = ANY (ARRAY['sending'::text, 'withdrawing'::text]));

CREATE INDEX duty_due ON posko.duty USING btree (operation_id, due_at);

CREATE INDEX endpoint_key_of ON posko.endpoint_key USING btree (endpoint_id);

CREATE INDEX endpoint_of_operation ON posko.endpoint USING btree (operation_id) WHERE (removed_at IS NULL);

CREATE INDEX enrolment_by_account ON posko.enrolment USING btree (account_id);

CREATE INDEX escalation_by_node ON posko.escalation USING btree (node_id);

CREATE INDEX escalation_due ON posko.escalation USING btree (operation_id, next_at) WHERE (next_at IS NOT NULL);

CREATE INDEX event_by_node ON posko.event USING btree (node_id);

CREATE INDEX event_of_operation ON posko.event USING btree (operation_id, version);

CREATE UNIQUE INDEX excuse_standing ON posko.excuse USING btree (node_id, subject_id) WHERE (withdrawn_at IS NULL);

CREATE INDEX firing_by_node ON posko.firing USING btree (node_id);

CREATE INDEX flag_by_report ON posko.flag USING btree (report_id);

CREATE INDEX gateway_by_channel ON posko.gateway USING btree (channel) WHERE (closed_at IS NULL);

CREATE INDEX gateway_key_by_gateway ON posko.gateway_key USING btree (gateway_id);

CREATE UNIQUE INDEX gateway_key_current ON posko.gateway_key USING btree (gateway_id) WHERE (ends_at IS NULL);

CREATE UNIQUE INDEX gateway_once ON posko.gateway USING btree (operation_id, channel, name) WHERE (closed_at IS NULL);

CREATE INDEX guard_by_node ON posko.guard USING btree (node_id);

CREATE INDEX guard_by_version ON posko.guard USING btree (operation_id, version);

CREATE INDEX guard_post_by_node ON posko.guard_post USING btree (node_id);

CREATE UNIQUE INDEX guard_standing ON posko.guard USING btree (operation_id, lower(name), node_id) WHERE (withdrawn_at IS NULL);

CREATE INDEX incident_by_merge ON posko.incident USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX incident_by_node ON posko.incident USING btree (node_id);

CREATE INDEX incident_by_parent ON posko.incident USING btree (parent_id) WHERE (parent_id IS NOT NULL);

CREATE INDEX incident_by_place ON posko.incident USING btree (operation_id, place, number);

CREATE INDEX incident_by_tps ON posko.incident USING btree (operation_id, "right"(place, 4), number);

CREATE INDEX incident_by_version ON posko.incident USING btree (operation_id, version);

CREATE INDEX incident_late ON posko.incident USING btree (operation_id, (
CASE
    WHEN (acknowledged_at IS NULL) THEN acknowledge_by
    ELSE resolve_by
END)) WHERE ((overdue_at IS NULL) AND (status = ANY (ARRAY['baru'::text, 'diterima'::text, 'ditangani'::text, 'dibuka_kembali'::text])));

CREATE INDEX incident_report_by_incident ON posko.incident_report USING btree (incident_id);

CREATE INDEX incident_request_waiting ON posko.incident_request USING btree (addressee, id) WHERE (answer IS NULL);

CREATE INDEX incident_search ON posko.incident USING gin (search);

CREATE INDEX incident_watcher_by_account ON posko.incident_watcher USING btree (account_id);

CREATE INDEX log_by_account ON posko.log_entry USING btree (account_id, id);

CREATE INDEX log_by_region ON posko.log_entry USING btree (region_code, id);

CREATE INDEX message_by_contact ON posko.message USING btree (contact_id) WHERE (state = 'pending'::text);

CREATE INDEX message_due ON posko.message USING btree (channel, next_at) WHERE (state = 'pending'::text);

CREATE INDEX message_failed ON posko.message USING btree (created_at) WHERE (state = 'failed'::text);

CREATE INDEX node_by_desk ON posko.node USING btree (operation_id, code) INCLUDE (level) WHERE (level < 6);

CREATE INDEX node_by_name ON posko.node USING gin (to_tsvector('simple'::regconfig, name)) WHERE (level < 6);

CREATE INDEX node_by_parent ON posko.node USING btree (parent_id, code);

CREATE INDEX node_owing ON posko.node USING btree (operation_id, code) WHERE (level = ANY (ARRAY[4, 5]));

CREATE INDEX node_region ON posko.node USING btree (operation_id, level, id) WHERE (level < 6);

CREATE INDEX notice_by_node ON posko.notice USING btree (node_id);

CREATE INDEX notice_due ON posko.notice USING btree (next_at) WHERE (closed_at IS NULL);

CREATE INDEX notice_member_firing ON posko.notice_member USING btree (member) WHERE (state = 'firing'::text);

CREATE UNIQUE INDEX notice_open ON posko.notice USING btree (node_id, group_key) WHERE (closed_at IS NULL);

CREATE INDEX obligation_alarm ON posko.obligation USING btree (operation_id, node_id) WHERE ((overdue_at IS NOT NULL) AND (alarmed_at IS NULL));

CREATE INDEX obligation_due ON posko.obligation USING btree (operation_id, due_at, node_id) WHERE (overdue_at IS NULL);

CREATE INDEX outage_by_node ON posko.outage USING btree (node_id);

CREATE INDEX outage_standing ON posko.outage USING btree (operation_id, node_id) WHERE (ended_at IS NULL);

CREATE INDEX passkey_by_account ON posko.passkey USING btree (account_id);

CREATE INDEX photo_by_account ON posko.photo USING btree (account_id);

CREATE INDEX photo_by_node ON posko.photo USING btree (node_id);

CREATE INDEX photo_by_operation ON posko.photo USING btree (operation_id) WHERE (gone_at IS NULL);

CREATE INDEX report_by_correction ON posko.report USING btree (corrects) WHERE (corrects IS NOT NULL);

CREATE INDEX report_by_node ON posko.report USING btree (node_id, subject_id, weight, id);

CREATE INDEX report_person_by_name ON posko.report_person USING btree (lower(name));

CREATE INDEX report_person_by_operation ON posko.report_person USING btree (operation_id);

CREATE INDEX sender_by_account ON posko.sender USING btree (account_id);

CREATE INDEX session_by_account ON posko.session USING btree (account_id);

CREATE INDEX session_by_assignment ON posko.session USING btree (assignment_id);

CREATE INDEX session_by_device ON posko.session USING btree (device_id) WHERE (device_id IS NOT NULL);

CREATE INDEX session_by_revocation ON posko.session USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);

CREATE INDEX shift_by_desk ON posko.shift USING btree (operation_id, region_code, began_at);

CREATE UNIQUE INDEX shift_on_duty ON posko.shift USING btree (operation_id, region_code, account_id) WHERE (ended_at IS NULL);

CREATE INDEX team_by_node ON posko.team USING btree (node_id);

CREATE INDEX team_by_version ON posko.team USING btree (operation_id, version);

CREATE UNIQUE INDEX team_standing ON posko.team USING btree (node_id, lower(name)) WHERE (withdrawn_at IS NULL);

CREATE INDEX text_received_by_time ON posko.text_received USING btree (received_at);

CREATE INDEX voice_by_account ON posko.voice USING btree (account_id);

CREATE INDEX voice_by_node ON posko.voice USING btree (node_id);

CREATE INDEX voice_by_operation ON posko.voice USING btree (operation_id) WHERE (gone_at IS NULL);

ALTER TABLE ONLY posko.account
    ADD CONSTRAINT account_institution_fkey FOREIGN KEY (institution) REFERENCES posko.institution(code);

ALTER TABLE ONLY posko.account
    ADD CONSTRAINT account_institution_is_party_fkey FOREIGN KEY (institution, is_party) REFERENCES posko.institution(code, is_party);

ALTER TABLE ONLY posko.alarm
    ADD CONSTRAINT alarm_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.alarm
    ADD CONSTRAINT alarm_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.alarm
    ADD CONSTRAINT alarm_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.approval
    ADD CONSTRAINT approval_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.approval
    ADD CONSTRAINT approval_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.approval
    ADD CONSTRAINT approval_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.approval
    ADD CONSTRAINT approval_requested_in_fkey FOREIGN KEY (requested_in) REFERENCES posko.assignment(id);

ALTER TABLE ONLY posko.assignment
    ADD CONSTRAINT assignment_account_id_is_party_fkey FOREIGN KEY (account_id, is_party) REFERENCES posko.account(id, is_party) ON UPDATE CASCADE;

ALTER TABLE ONLY posko.assignment
    ADD CONSTRAINT assignment_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.assignment
    ADD CONSTRAINT assignment_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.attempt
    ADD CONSTRAINT attempt_endpoint_id_event_id_fkey FOREIGN KEY (endpoint_id, event_id) REFERENCES posko.delivery(endpoint_id, event_id);

ALTER TABLE ONLY posko.category
    ADD CONSTRAINT category_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.contact
    ADD CONSTRAINT contact_added_by_fkey FOREIGN KEY (added_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.contact
    ADD CONSTRAINT contact_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.contact
    ADD CONSTRAINT contact_removed_by_fkey FOREIGN KEY (removed_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.contest
    ADD CONSTRAINT contest_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.counter
    ADD CONSTRAINT counter_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.curve_gap
    ADD CONSTRAINT curve_gap_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.curve
    ADD CONSTRAINT curve_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.curve_point
    ADD CONSTRAINT curve_point_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.delivery
    ADD CONSTRAINT delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES posko.endpoint(id);

ALTER TABLE ONLY posko.delivery
    ADD CONSTRAINT delivery_event_id_fkey FOREIGN KEY (event_id) REFERENCES posko.event(id);

ALTER TABLE ONLY posko.delivery_key
    ADD CONSTRAINT delivery_key_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES posko.endpoint(id);

ALTER TABLE ONLY posko.device
    ADD CONSTRAINT device_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.directive_entry
    ADD CONSTRAINT directive_entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.directive_entry
    ADD CONSTRAINT directive_entry_node_id_directive_id_fkey FOREIGN KEY (node_id, directive_id) REFERENCES posko.directive_target(node_id, directive_id);

ALTER TABLE ONLY posko.directive_entry
    ADD CONSTRAINT directive_entry_report_id_fkey FOREIGN KEY (report_id) REFERENCES posko.report(id);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES posko.incident(id);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_incident_id_request_fkey FOREIGN KEY (incident_id, request) REFERENCES posko.incident_request(incident_id, number);

ALTER TABLE ONLY posko.directive_late
    ADD CONSTRAINT directive_late_directive_id_fkey FOREIGN KEY (directive_id) REFERENCES posko.directive(id);

ALTER TABLE ONLY posko.directive_late
    ADD CONSTRAINT directive_late_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.directive_late
    ADD CONSTRAINT directive_late_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.directive_target
    ADD CONSTRAINT directive_target_desk_id_fkey FOREIGN KEY (desk_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.directive_target
    ADD CONSTRAINT directive_target_directive_id_requires_fkey FOREIGN KEY (directive_id, requires) REFERENCES posko.directive(id, requires);

ALTER TABLE ONLY posko.directive_target
    ADD CONSTRAINT directive_target_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.directive_template
    ADD CONSTRAINT directive_template_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.directive
    ADD CONSTRAINT directive_withdrawn_by_fkey FOREIGN KEY (withdrawn_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.duty
    ADD CONSTRAINT duty_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.duty
    ADD CONSTRAINT duty_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.endpoint_key
    ADD CONSTRAINT endpoint_key_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES posko.endpoint(id);

ALTER TABLE ONLY posko.endpoint_lane
    ADD CONSTRAINT endpoint_lane_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES posko.endpoint(id);

ALTER TABLE ONLY posko.endpoint
    ADD CONSTRAINT endpoint_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.endpoint
    ADD CONSTRAINT endpoint_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.endpoint
    ADD CONSTRAINT endpoint_removed_by_fkey FOREIGN KEY (removed_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.enrolment
    ADD CONSTRAINT enrolment_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.enrolment
    ADD CONSTRAINT enrolment_assignment_id_fkey FOREIGN KEY (assignment_id) REFERENCES posko.assignment(id);

ALTER TABLE ONLY posko.enrolment
    ADD CONSTRAINT enrolment_device_id_fkey FOREIGN KEY (device_id) REFERENCES posko.device(id);

ALTER TABLE ONLY posko.enrolment
    ADD CONSTRAINT enrolment_issued_by_fkey FOREIGN KEY (issued_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.escalation
    ADD CONSTRAINT escalation_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.escalation
    ADD CONSTRAINT escalation_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.event
    ADD CONSTRAINT event_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.event
    ADD CONSTRAINT event_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.excuse
    ADD CONSTRAINT excuse_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.excuse
    ADD CONSTRAINT excuse_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES posko.approval(id);

ALTER TABLE ONLY posko.excuse
    ADD CONSTRAINT excuse_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.excuse
    ADD CONSTRAINT excuse_withdrawn_by_fkey FOREIGN KEY (withdrawn_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.firing
    ADD CONSTRAINT firing_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.firing
    ADD CONSTRAINT firing_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES posko.escalation(subject_id);

ALTER TABLE ONLY posko.flag_clearing
    ADD CONSTRAINT flag_clearing_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.flag_clearing
    ADD CONSTRAINT flag_clearing_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.flag
    ADD CONSTRAINT flag_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.flag_past
    ADD CONSTRAINT flag_past_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.gateway
    ADD CONSTRAINT gateway_added_by_fkey FOREIGN KEY (added_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.gateway
    ADD CONSTRAINT gateway_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.gateway_key
    ADD CONSTRAINT gateway_key_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES posko.gateway(id);

ALTER TABLE ONLY posko.gateway
    ADD CONSTRAINT gateway_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.guard
    ADD CONSTRAINT guard_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.guard
    ADD CONSTRAINT guard_institution_fkey FOREIGN KEY (institution) REFERENCES posko.institution(code);

ALTER TABLE ONLY posko.guard
    ADD CONSTRAINT guard_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.guard
    ADD CONSTRAINT guard_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.guard_pattern
    ADD CONSTRAINT guard_pattern_author_id_fkey FOREIGN KEY (author_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.guard_pattern
    ADD CONSTRAINT guard_pattern_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.guard_post
    ADD CONSTRAINT guard_post_checked_in_by_fkey FOREIGN KEY (checked_in_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.guard_post
    ADD CONSTRAINT guard_post_guard_id_fkey FOREIGN KEY (guard_id) REFERENCES posko.guard(id);

ALTER TABLE ONLY posko.guard_post
    ADD CONSTRAINT guard_post_left_by_fkey FOREIGN KEY (left_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.guard_post
    ADD CONSTRAINT guard_post_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.incident_entry
    ADD CONSTRAINT incident_entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.incident_entry
    ADD CONSTRAINT incident_entry_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES posko.incident(id);

ALTER TABLE ONLY posko.incident
    ADD CONSTRAINT incident_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES posko.incident(id);

ALTER TABLE ONLY posko.incident
    ADD CONSTRAINT incident_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.incident
    ADD CONSTRAINT incident_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.incident
    ADD CONSTRAINT incident_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.incident
    ADD CONSTRAINT incident_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES posko.incident(id);

ALTER TABLE ONLY posko.incident_report
    ADD CONSTRAINT incident_report_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES posko.incident(id);

ALTER TABLE ONLY posko.incident_report
    ADD CONSTRAINT incident_report_report_id_fkey FOREIGN KEY (report_id) REFERENCES posko.report(id);

ALTER TABLE ONLY posko.incident_request
    ADD CONSTRAINT incident_request_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.incident_request
    ADD CONSTRAINT incident_request_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.incident_request
    ADD CONSTRAINT incident_request_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES posko.incident(id);

ALTER TABLE ONLY posko.incident_watcher
    ADD CONSTRAINT incident_watcher_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.incident_watcher
    ADD CONSTRAINT incident_watcher_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES posko.incident(id);

ALTER TABLE ONLY posko.directive_entry
    ADD CONSTRAINT legal_move FOREIGN KEY (requires, action, from_state, to_state) REFERENCES posko.directive_move(requires, action, from_state, to_state);

ALTER TABLE ONLY posko.incident_entry
    ADD CONSTRAINT legal_move FOREIGN KEY (action, from_status, to_status) REFERENCES posko.incident_move(action, from_status, to_status);

ALTER TABLE ONLY posko.log_entry
    ADD CONSTRAINT log_entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.message
    ADD CONSTRAINT message_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES posko.contact(id);

ALTER TABLE ONLY posko.message
    ADD CONSTRAINT message_notice_id_telling_fkey FOREIGN KEY (notice_id, telling) REFERENCES posko.telling(notice_id, number);

ALTER TABLE ONLY posko.milestone
    ADD CONSTRAINT milestone_operation_id_subject_id_fkey FOREIGN KEY (operation_id, subject_id) REFERENCES posko.subject(operation_id, id);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.notice_member
    ADD CONSTRAINT notice_member_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES posko.notice(id);

ALTER TABLE ONLY posko.notice
    ADD CONSTRAINT notice_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.notice
    ADD CONSTRAINT notice_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.obligation
    ADD CONSTRAINT obligation_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.obligation
    ADD CONSTRAINT obligation_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.operation
    ADD CONSTRAINT operation_made_by_fkey FOREIGN KEY (made_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.operation
    ADD CONSTRAINT operation_restricts_fkey FOREIGN KEY (restricts) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.outage
    ADD CONSTRAINT outage_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.outage
    ADD CONSTRAINT outage_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.outage
    ADD CONSTRAINT outage_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.outage
    ADD CONSTRAINT outage_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.paslon
    ADD CONSTRAINT paslon_contest_id_fkey FOREIGN KEY (contest_id) REFERENCES posko.contest(id);

ALTER TABLE ONLY posko.passkey
    ADD CONSTRAINT passkey_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.person
    ADD CONSTRAINT person_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.photo
    ADD CONSTRAINT photo_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.photo
    ADD CONSTRAINT photo_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.photo
    ADD CONSTRAINT photo_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.priority_weight
    ADD CONSTRAINT priority_weight_author_id_fkey FOREIGN KEY (author_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.priority_weight
    ADD CONSTRAINT priority_weight_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.revote
    ADD CONSTRAINT revote_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.revote
    ADD CONSTRAINT revote_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.rollup
    ADD CONSTRAINT rollup_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.rule
    ADD CONSTRAINT rule_author_id_fkey FOREIGN KEY (author_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.rule
    ADD CONSTRAINT rule_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.sender
    ADD CONSTRAINT sender_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.sender
    ADD CONSTRAINT sender_added_by_fkey FOREIGN KEY (added_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.sender
    ADD CONSTRAINT sender_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_assignment_id_fkey FOREIGN KEY (assignment_id) REFERENCES posko.assignment(id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_device_id_fkey FOREIGN KEY (device_id) REFERENCES posko.device(id);

ALTER TABLE ONLY posko.shift
    ADD CONSTRAINT shift_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.shift
    ADD CONSTRAINT shift_handed_to_fkey FOREIGN KEY (handed_to) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.shift
    ADD CONSTRAINT shift_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.shift
    ADD CONSTRAINT shift_took_over_from_fkey FOREIGN KEY (took_over_from) REFERENCES posko.shift(id);

ALTER TABLE ONLY posko.stage
    ADD CONSTRAINT stage_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.subject
    ADD CONSTRAINT subject_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.team
    ADD CONSTRAINT team_briefed_by_fkey FOREIGN KEY (briefed_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.team
    ADD CONSTRAINT team_institution_fkey FOREIGN KEY (institution) REFERENCES posko.institution(code);

ALTER TABLE ONLY posko.team
    ADD CONSTRAINT team_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.team
    ADD CONSTRAINT team_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.team
    ADD CONSTRAINT team_present_by_fkey FOREIGN KEY (present_by) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.telling
    ADD CONSTRAINT telling_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES posko.notice(id);

ALTER TABLE ONLY posko.text_received
    ADD CONSTRAINT text_received_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES posko.gateway(id);

ALTER TABLE ONLY posko.threshold
    ADD CONSTRAINT threshold_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.totp
    ADD CONSTRAINT totp_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.tps
    ADD CONSTRAINT tps_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.voice
    ADD CONSTRAINT voice_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.voice
    ADD CONSTRAINT voice_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.voice
    ADD CONSTRAINT voice_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE posko.alarm ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.attempt ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.contact ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.curve ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.curve_gap ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.curve_point ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.delivery ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.delivery_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.directive ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.directive_entry ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.directive_late ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.directive_target ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.duty ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.endpoint ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.endpoint_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.endpoint_lane ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.escalation ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.event ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.excuse ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.firing ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.flag ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.flag_clearing ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.flag_past ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.guard ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.guard_post ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.incident ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.incident_entry ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.incident_report ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.incident_request ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.incident_watcher ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.message ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.node ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.notice ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.notice_member ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.obligation ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.operation ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.outage ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.photo ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.report ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.report_person ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.revote ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.rollup ENABLE ROW LEVEL SECURITY;

CREATE POLICY seat ON posko.alarm FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = alarm.node_id))));

CREATE POLICY seat ON posko.directive FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = directive.node_id))));

CREATE POLICY seat ON posko.directive_entry FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = directive_entry.node_id))));

CREATE POLICY seat ON posko.directive_late FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = directive_late.node_id))));

CREATE POLICY seat ON posko.directive_target FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = directive_target.node_id))));

CREATE POLICY seat ON posko.duty FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = duty.node_id))));

CREATE POLICY seat ON posko.escalation FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = escalation.node_id))));

CREATE POLICY seat ON posko.excuse FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = excuse.node_id))));

CREATE POLICY seat ON posko.firing FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.escalation e
  WHERE (e.subject_id = firing.subject_id))));

CREATE POLICY seat ON posko.flag FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = flag.node_id))));

CREATE POLICY seat ON posko.flag_clearing FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = flag_clearing.node_id))));

CREATE POLICY seat ON posko.flag_past FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = flag_past.node_id))));

CREATE POLICY seat ON posko.guard FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.guard_post p
  WHERE (p.guard_id = guard.id))));

CREATE POLICY seat ON posko.guard_post FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = guard_post.node_id))));

CREATE POLICY seat ON posko.incident FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = incident.node_id))));

CREATE POLICY seat ON posko.incident_entry FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.incident i
  WHERE (i.id = incident_entry.incident_id))));

CREATE POLICY seat ON posko.incident_report FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.incident i
  WHERE (i.id = incident_report.incident_id))));

CREATE POLICY seat ON posko.incident_request FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.incident i
  WHERE (i.id = incident_request.incident_id))));

CREATE POLICY seat ON posko.incident_watcher FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.incident i
  WHERE (i.id = incident_watcher.incident_id))));

CREATE POLICY seat ON posko.node FOR SELECT TO posko_app USING ((((code || '.'::text) ^@ ANY (( SELECT posko.scope() AS scope)::text[])) AND ((restricts IS NULL) OR ( SELECT posko.is_cleared() AS is_cleared)) AND ((( SELECT posko.one_operation() AS one_operation) IS NULL) OR ((( SELECT posko.one_operation() AS one_operation) = operation_id) OR (( SELECT posko.one_operation() AS one_operation) = restricts)))));

CREATE POLICY seat ON posko.obligation FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = obligation.node_id))));

CREATE POLICY seat ON posko.operation FOR SELECT TO posko_app USING ((((restricts IS NULL) OR ( SELECT posko.is_cleared() AS is_cleared)) AND ((( SELECT posko.one_operation() AS one_operation) IS NULL) OR ((( SELECT posko.one_operation() AS one_operation) = id) OR (( SELECT posko.one_operation() AS one_operation) = restricts))) AND (((root_code || '.'::text) ^@ ANY (( SELECT posko.scope() AS scope)::text[])) OR ((root_code || '.'::text) = ANY (( SELECT posko.above_scope() AS above_scope)::text[])))));

CREATE POLICY seat ON posko.outage FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = outage.node_id))));

CREATE POLICY seat ON posko.photo FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = photo.node_id))));

CREATE POLICY seat ON posko.report FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = report.node_id))));

CREATE POLICY seat ON posko.report_person FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.report r
  WHERE (r.id = report_person.report_id))));

CREATE POLICY seat ON posko.revote FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = revote.node_id))));

CREATE POLICY seat ON posko.rollup FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = rollup.node_id))));

CREATE POLICY seat ON posko.team FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = team.node_id))));

CREATE POLICY seat ON posko.tps FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = tps.node_id))));

CREATE POLICY seat ON posko.voice FOR SELECT TO posko_app USING ((EXISTS ( SELECT
   FROM posko.node n
  WHERE (n.id = voice.node_id))));

ALTER TABLE posko.team ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.telling ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.threshold ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.tps ENABLE ROW LEVEL SECURITY;

ALTER TABLE posko.voice ENABLE ROW LEVEL SECURITY;

CREATE POLICY whole ON posko.alarm TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.attempt TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.contact TO posko, posko_identity, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.curve TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.curve_gap TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.curve_point TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.delivery TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.delivery_key TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.directive TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.directive_entry TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.directive_late TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.directive_target TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.duty TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.endpoint TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.endpoint_key TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.endpoint_lane TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.escalation TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.event TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.excuse TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.firing TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.flag TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.flag_clearing TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.flag_past TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.guard TO posko, posko_identity, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.guard_post TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.incident TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.incident_entry TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.incident_report TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.incident_request TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.incident_watcher TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.message TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.node TO posko, posko_identity, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.notice TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.notice_member TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.obligation TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.operation TO posko, posko_identity, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.outage TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.photo TO posko, posko_identity, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.report TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.report_person TO posko, posko_identity, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.revote TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.rollup TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.team TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.telling TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.threshold TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.tps TO posko, posko_engine USING (true) WITH CHECK (true);

CREATE POLICY whole ON posko.voice TO posko, posko_identity, posko_engine USING (true) WITH CHECK (true);
