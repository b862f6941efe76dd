-- Made by `make schema` from sql/migrations; a test keeps it true. Read it, do not edit it.

CREATE SCHEMA posko;

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
    CONSTRAINT operation_check CHECK ((voting_day >= starts_on)),
    CONSTRAINT operation_check1 CHECK (((state = 'draft'::text) = (activated_at IS NULL))),
    CONSTRAINT operation_check2 CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT operation_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'drill'::text]))),
    CONSTRAINT operation_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT operation_root_level_check CHECK (((root_level >= 0) AND (root_level <= 5))),
    CONSTRAINT operation_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'active'::text, 'closed'::text]))),
    CONSTRAINT operation_version_check CHECK ((version >= 0))
)
WITH (fillfactor='50');

CREATE FUNCTION posko.now() RETURNS timestamp with time zone
    LANGUAGE sql
    RETURN COALESCE((NULLIF(current_setting('posko.now'::text, true), ''::text))::timestamp with time zone, clock_timestamp());

CREATE TABLE posko.account (
    id integer NOT NULL,
    username text NOT NULL COLLATE pg_catalog."C",
    full_name text NOT NULL,
    role text NOT NULL,
    scope text NOT NULL COLLATE pg_catalog."C",
    password_hash text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT account_full_name_check CHECK (((length(full_name) >= 1) AND (length(full_name) <= 120))),
    CONSTRAINT account_role_check CHECK ((role = ANY (ARRAY['petugas'::text, 'operator'::text, 'supervisor'::text, 'admin'::text, 'auditor'::text, 'wall'::text, 'system'::text]))),
    CONSTRAINT account_scope_check CHECK (((scope = 'ID'::text) OR (scope ~ '^[0-9]{2}([.][0-9]{2,4}){0,5}$'::text))),
    CONSTRAINT account_username_check CHECK ((username ~ '^[a-z0-9][a-z0-9._-]{1,62}$'::text))
);

ALTER TABLE posko.account ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.account_id_seq
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

CREATE TABLE posko.flag (
    node_id integer NOT NULL,
    kind text NOT NULL,
    subject_id smallint NOT NULL,
    report_id uuid NOT NULL,
    CONSTRAINT flag_kind_check CHECK ((kind = ANY (ARRAY['turnout_over'::text, 'votes_sum'::text, 'votes_users'::text, 'early'::text, 'time_future'::text, 'time_before'::text, 'falling'::text, 'berbeda'::text, 'misdirected'::text])))
);

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

CREATE TABLE posko.node (
    id integer NOT NULL,
    operation_id integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    parent_id integer,
    level smallint NOT NULL,
    name text NOT NULL,
    utc_offset smallint NOT NULL,
    path integer[] NOT NULL,
    CONSTRAINT node_level_check CHECK (((level >= 0) AND (level <= 6))),
    CONSTRAINT node_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT node_utc_offset_check CHECK (((utc_offset >= 7) AND (utc_offset <= 9)))
);

ALTER TABLE posko.node ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.node_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE posko.operation ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME posko.operation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE posko.paslon (
    contest_id integer NOT NULL,
    number smallint NOT NULL,
    name text NOT NULL,
    is_empty_box boolean DEFAULT false NOT NULL,
    CONSTRAINT paslon_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT paslon_number_check CHECK (((number >= 1) AND (number <= 20)))
);

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

CREATE TABLE posko.session (
    id integer NOT NULL,
    account_id integer NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT session_check CHECK ((expires_at > created_at)),
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
    CONSTRAINT subject_kind_check CHECK ((kind = ANY (ARRAY['presence'::text, 'incident'::text, 'nihil'::text, 'unreachable'::text, 'flag'::text, 'milestone'::text, 'custody'::text, 'turnout'::text, 'ballots'::text, 'count'::text]))),
    CONSTRAINT subject_width_check CHECK (((width >= 1) AND (width <= 40)))
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

ALTER TABLE ONLY posko.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.account
    ADD CONSTRAINT account_username_key UNIQUE (username);

ALTER TABLE ONLY posko.contest
    ADD CONSTRAINT contest_operation_id_kind_region_code_key UNIQUE (operation_id, kind, region_code);

ALTER TABLE ONLY posko.contest
    ADD CONSTRAINT contest_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.counter
    ADD CONSTRAINT counter_operation_id_name_key UNIQUE (operation_id, name);

ALTER TABLE ONLY posko.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (operation_id, slot);

ALTER TABLE ONLY posko.flag_clearing
    ADD CONSTRAINT flag_clearing_pkey PRIMARY KEY (node_id, kind, subject_id, report_id);

ALTER TABLE ONLY posko.flag
    ADD CONSTRAINT flag_pkey PRIMARY KEY (node_id, kind, subject_id, report_id);

ALTER TABLE ONLY posko.milestone
    ADD CONSTRAINT milestone_operation_id_subject_id_key UNIQUE (operation_id, subject_id);

ALTER TABLE ONLY posko.milestone
    ADD CONSTRAINT milestone_pkey PRIMARY KEY (operation_id, code);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_operation_id_code_key UNIQUE (operation_id, code);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.operation
    ADD CONSTRAINT operation_name_key UNIQUE (name);

ALTER TABLE ONLY posko.operation
    ADD CONSTRAINT operation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.paslon
    ADD CONSTRAINT paslon_pkey PRIMARY KEY (contest_id, number);

ALTER TABLE ONLY posko.report
    ADD CONSTRAINT report_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.rollup
    ADD CONSTRAINT rollup_pkey PRIMARY KEY (node_id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY posko.subject
    ADD CONSTRAINT subject_operation_id_name_key UNIQUE (operation_id, name);

ALTER TABLE ONLY posko.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (operation_id, id);

ALTER TABLE ONLY posko.tps
    ADD CONSTRAINT tps_pkey PRIMARY KEY (node_id);

CREATE INDEX account_by_change ON posko.account USING btree (changed_at);

CREATE INDEX flag_by_report ON posko.flag USING btree (report_id);

CREATE INDEX node_by_parent ON posko.node USING btree (parent_id, code);

CREATE INDEX report_by_correction ON posko.report USING btree (corrects) WHERE (corrects IS NOT NULL);

CREATE INDEX report_by_node ON posko.report USING btree (node_id, subject_id, weight, id);

CREATE INDEX session_by_account ON posko.session USING btree (account_id);

CREATE INDEX session_by_revocation ON posko.session USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);

ALTER TABLE ONLY posko.contest
    ADD CONSTRAINT contest_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.counter
    ADD CONSTRAINT counter_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.flag_clearing
    ADD CONSTRAINT flag_clearing_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.flag_clearing
    ADD CONSTRAINT flag_clearing_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.flag
    ADD CONSTRAINT flag_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.milestone
    ADD CONSTRAINT milestone_operation_id_subject_id_fkey FOREIGN KEY (operation_id, subject_id) REFERENCES posko.subject(operation_id, id);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.node
    ADD CONSTRAINT node_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.paslon
    ADD CONSTRAINT paslon_contest_id_fkey FOREIGN KEY (contest_id) REFERENCES posko.contest(id);

ALTER TABLE ONLY posko.rollup
    ADD CONSTRAINT rollup_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);

ALTER TABLE ONLY posko.session
    ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES posko.account(id);

ALTER TABLE ONLY posko.subject
    ADD CONSTRAINT subject_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES posko.operation(id);

ALTER TABLE ONLY posko.tps
    ADD CONSTRAINT tps_node_id_fkey FOREIGN KEY (node_id) REFERENCES posko.node(id);
