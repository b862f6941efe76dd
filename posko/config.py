"""Settings: one frozen Struct, read once from `POSKO_*`. An unknown name is an error; names end in units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from posko.errors import PoskoError

BUILD_SETTING = "POSKO_WEB"
"""Read by the build alone; may well be set where posko runs."""

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class BadSetting(PoskoError):
    """A setting is missing, unknown or outside its rule"""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a process needs to know; every field is `POSKO_<NAME>` in the environment."""

    database_url: str
    redis_url: str
    secret_key: Annotated[str, msgspec.Meta(min_length=32)]
    """Signs live tickets, seals TOTP secrets, keys the digests of names; the same in every role."""
    public_url: str = "http://localhost:8080"
    """Origin that browsers see; the only Origin that the live socket takes besides `allowed_origins`."""
    allowed_origins: str = ""
    """Further origins, separated by commas."""

    host: str = "127.0.0.1"
    port: Port = 8080
    live_host: str = "127.0.0.1"
    live_port: Port = 8081
    live_url: str = ""
    """Address of /v1/live given to clients; empty: derived from `public_url` (behind a proxy) or the live port."""
    work_metrics_port: Port = 0
    """0: the work role serves no metrics."""

    dead_mans_switch_url: Annotated[str, msgspec.Meta(pattern=r"^(https?://\S+)?$")] = ""
    """Asked once a minute by `posko work` while all that is due is done; whoever runs it rings when it is not."""

    log_format: Annotated[str, msgspec.Meta(pattern="^(json|console)$")] = "json"

    pool_size: Positive = 10
    statement_timeout_s: Seconds = 30.0

    body_limit_bytes: Positive = 262_144
    body_s: Seconds = 10.0
    """How long a body may take to come; a phone on a bad line tries again under the same id."""
    batch_items_limit: Positive = 256
    """Reports in one POST."""
    commit_items_limit: Positive = 512
    """Reports in one transaction of the group commit; it takes as many only of a long queue."""
    queue_items_limit: Positive = 4096
    """Reports waiting in one process; over it: 503."""
    commit_timeout_s: Seconds = 10.0
    place_reports_limit: Positive = 2000
    """Reports of one TPS or region in one operation: what keeps folding a place bounded."""

    photos_url: str = ""
    """Where photos are kept: `file:///directory`, or `s3://bucket/prefix?endpoint=https://...&region=...` with the
    credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Empty: no photos are taken."""
    photo_body_s: Seconds = 120.0
    """How long a photo may take to come."""
    photo_decode_s: Seconds = 20.0
    photo_decoders: Positive = 2
    """Photos that one process decodes at a time, each in a process of its own."""
    photo_uploads_limit: Positive = 16
    """Photos that one process has in hand, whole in memory: coming in, waiting, being decoded; over it: 503."""

    second_factor: Literal["required", "offered"] = "required"
    """`required`: operators and auditors need a TOTP, supervisors and admins a passkey. `offered` is for drills."""
    session_hours: Positive = 16
    """How long a session lasts at most."""
    wall_session_days: Positive = 14
    """How long that of a wall does: it has no keyboard. Who turns to another seat has `session_hours` again."""
    session_idle_minutes: Annotated[int, msgspec.Meta(ge=5)] = 60
    """How long it may rest; walls and systems may for as long as it lasts."""
    sign_ins_burst: Positive = 10
    """Sign-ins of one account from one address at once; then one every 12 s. From browsers that it has not used: six
    times as many, then one every 2 s."""
    reports_per_s: Positive = 50
    """Reports of one account in the long run, twenty times as many at once; a system's files without this limit."""
    trusted_proxies: str = ""
    """Addresses and networks, separated by commas, whose X-Forwarded-For is believed."""
    keys_per_account_limit: Positive = 10
    """API keys of one account that are valid at a time."""

    smtp_url: str = ""
    """Where mail is handed in: `smtps://user:password@host:465` or `smtp://host:587` (STARTTLS); empty: no mail."""
    smtp_from: str = ""
    """From whom mail comes."""
    channels: str = ""
    """Gateways for other channels, separated by commas, as their packages call them (entry points `posko.channels`)."""
    message_deadline_s: Seconds = 30.0
    """How long one attempt may take."""
    messages_at_once_limit: Positive = 4
    """Attempts under way at a time, by each channel of each worker."""
    notice_quiet_s: Seconds = 300.0
    """A desk that was told of a group is told of changes in it this much later at the earliest."""
    notice_repeat_s: Seconds = 14_400.0
    """What still fires unchanged is told again after this."""

    webhook_ports: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,4}(,[1-9][0-9]{0,4})*$")] = "443,8443"
    """Ports that webhooks go to."""
    webhook_allow: str = ""
    """Networks and names of receivers inside, separated by commas: they are spared the rules about addresses."""
    webhook_insecure_loopback: bool = False
    """Lets webhooks go to `http://127.0.0.1` and `localhost`, any port: for the demo and for drills."""
    webhook_ca_file: str = ""
    """Further certificate authorities, in PEM, of receivers inside."""

    console_limit: Positive = 20_000
    sockets_per_account_limit: Positive = 32
    """Open sockets of one account (not of a system's) on one hub."""
    topics_per_socket_limit: Positive = 16
    frame_limit_bytes: Positive = 65_536
    """Longest frame that a client may send."""
    stale_bytes: Positive = 262_144
    """Unsent bytes over which a socket gets no deltas until it has drained."""
    drop_bytes: Positive = 1_048_576
    """Unsent bytes over which a socket is closed."""
    drop_s: Seconds = 10.0
    heartbeat_s: Seconds = 10.0
    accepts_per_s: Positive = 4000
    """New sockets per second; over it a client is told when to come again."""
    ticket_s: Seconds = 30.0
    recheck_s: Seconds = 30.0

    @property
    def origins(self) -> frozenset[str]:
        """Where pages may come from that write here or open the live socket."""
        public = "{0.scheme}://{0.netloc}".format(urlsplit(self.public_url))
        return frozenset({public, *(o.strip() for o in self.allowed_origins.split(",") if o.strip())})


def from_env(environ: Mapping[str, str]) -> Settings:
    """Reads settings from an environment; names the variable and the rule when one is wrong."""
    prefixed = (k for k in environ if k.startswith("POSKO_") and k != BUILD_SETTING)
    given = {k.removeprefix("POSKO_").lower(): environ[k] for k in prefixed}
    unknown = sorted(set(given) - set(Settings.__struct_fields__))
    if unknown:
        raise BadSetting(f"unknown setting POSKO_{unknown[0].upper()}")
    missing = [f.name for f in msgspec.structs.fields(Settings) if f.required and f.name not in given]
    if missing:
        raise BadSetting(f"POSKO_{missing[0].upper()} is not set")
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(f"POSKO_* settings: {error}") from None
