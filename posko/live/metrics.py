"""What the hub tells Prometheus."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_FAST: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5)


class Metrics:
    """One set per process, in the registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = r = registry
        self.consoles = Gauge("posko_live_consoles", "Open sockets", registry=r)
        self.topics = Gauge("posko_live_topics", "Topics that are kept current", registry=r)
        self.stale = Gauge("posko_live_stale_consoles", "Sockets that get no deltas until they drain", registry=r)
        self.frames = Counter("posko_live_frames_total", "Frames written to sockets", registry=r)
        self.bytes = Counter("posko_live_bytes_total", "Bytes written to sockets", registry=r)
        self.ticks = Counter("posko_live_ticks_total", "Rounds of reading and writing", registry=r)
        self.sweep = Histogram("posko_live_sweep_seconds", "Writing one round", registry=r, buckets=_FAST)
        self.read = Histogram("posko_live_read_seconds", "Reading one round", registry=r, buckets=_FAST)
        self.closed = Counter("posko_live_closed_total", "Sockets that the hub closed", ["reason"], registry=r)
        self.refused = Counter("posko_live_refused_total", "Handshakes refused", ["status"], registry=r)
        self.bells = Counter("posko_live_bells_total", "Bells heard", registry=r)
        self.lost = Counter("posko_live_bells_lost_total", "Times that a version moved without a bell", registry=r)
        self.lag = Histogram("posko_live_bell_lag_seconds", "From a bell to its round", registry=r, buckets=_FAST)
        self.redis_up = Gauge("posko_live_redis_up", "1 while the bell can be heard", registry=r)
        self.db_up = Gauge("posko_live_db_up", "1 while the database answers", registry=r)
