"""Every metric of the collector, as data: a name that is not listed here cannot be used."""

from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    disable_created_metrics,
    generate_latest,
)

# When each series began would double the page and is nobody's question.
disable_created_metrics()  # type: ignore[no-untyped-call]

Kind = Literal["counter", "gauge", "summary", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; `unit` is what a value of 1 stands for."""

    name: str
    kind: Kind
    unit: str
    tags: tuple[str, ...]
    meaning: str


METRICS: Final = (
    Metric(
        "pawprint_collector_requests_total",
        "counter",
        "request",
        ("route", "status"),
        "Requests answered.",
    ),
    Metric(
        "pawprint_collector_hits_accepted_total",
        "counter",
        "hit",
        (),
        "Hits stored: acknowledged by Kafka or synced to the spool.",
    ),
    Metric(
        "pawprint_collector_hits_left_out_total",
        "counter",
        "hit",
        ("reason",),
        "Hits stored that a rule leaves out of the counts; not among the accepted.",
    ),
    Metric(
        "pawprint_collector_hits_refused_total",
        "counter",
        "hit",
        ("reason",),
        "Events turned away.",
    ),
    Metric(
        "pawprint_collector_hits_unstored_total",
        "counter",
        "hit",
        ("reason",),
        "Hits answered with 503 because nothing could store them.",
    ),
    Metric(
        "pawprint_collector_step_seconds",
        "summary",
        "second",
        ("step",),
        "Time a step took, of one hit in 64.",
    ),
    Metric(
        "pawprint_collector_ack_seconds",
        "histogram",
        "second",
        (),
        "Time to Kafka's acknowledgement.",
    ),
    Metric(
        "pawprint_collector_spool_sync_seconds",
        "histogram",
        "second",
        (),
        "Time to write and sync a group of records to the spool.",
    ),
    Metric(
        "pawprint_collector_spool_bytes",
        "gauge",
        "byte",
        (),
        "Disk the spool takes, replayed or not.",
    ),
    Metric(
        "pawprint_collector_spool_damaged",
        "gauge",
        "segment",
        (),
        "Segments with bytes that are no records, set aside since the start.",
    ),
    Metric(
        "pawprint_collector_spool_written_total",
        "counter",
        "record",
        (),
        "Records synced to the spool.",
    ),
    Metric(
        "pawprint_collector_spool_replayed_total",
        "counter",
        "record",
        (),
        "Records of the spool acknowledged by Kafka.",
    ),
    Metric(
        "pawprint_collector_record_hits", "summary", "hit", (), "Hits in an acknowledged record."
    ),
    Metric(
        "pawprint_collector_waiting_hits",
        "gauge",
        "hit",
        (),
        "Hits waiting for an acknowledgement.",
    ),
    Metric(
        "pawprint_collector_ledger_lost",
        "gauge",
        "event",
        (),
        "Events whose ledger count was given up unwritten.",
    ),
    Metric(
        "pawprint_collector_watermarks_total",
        "counter",
        "watermark",
        (),
        "Watermarks acknowledged.",
    ),
    Metric(
        "pawprint_collector_producers_total",
        "counter",
        "producer",
        (),
        "Kafka producers made so far.",
    ),
    Metric(
        "pawprint_collector_redis_failures_total",
        "counter",
        "failure",
        ("task",),
        "Redis did not answer.",
    ),
    Metric("pawprint_collector_sites", "gauge", "site", (), "Sites known."),
    Metric(
        "pawprint_collector_errors_total",
        "counter",
        "error",
        ("kind",),
        "Errors of our own, answered 500.",
    ),
)

# From a quick local broker to the longest wait for an acknowledgement, in seconds.
ACK_BUCKETS_S: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The process's metrics by name. `KeyError` for one that METRICS does not list as that kind."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._summaries: dict[str, Summary] = {}
        self._histograms: dict[str, Histogram] = {}
        self._tagged: dict[tuple[str, ...], Counter] = {}
        for metric in METRICS:
            self._add(metric)

    def _add(self, metric: Metric) -> None:
        name, text, tags = metric.name, metric.meaning, metric.tags
        match metric.kind:
            case "counter":
                self._counters[metric.name] = Counter(name, text, tags, registry=self.registry)
            case "gauge":
                self._gauges[metric.name] = Gauge(name, text, tags, registry=self.registry)
            case "summary":
                self._summaries[metric.name] = Summary(name, text, tags, registry=self.registry)
            case "histogram":
                self._histograms[metric.name] = Histogram(
                    name, text, tags, registry=self.registry, buckets=ACK_BUCKETS_S
                )

    def count(self, name: str, amount: float = 1, **tags: str) -> None:
        key = (name, *tags.values())
        counter = self._tagged.get(key)
        if counter is None:  # looked up once: it costs more than the counting
            counter = self._counters[name]
            counter = self._tagged[key] = counter.labels(**tags) if tags else counter
        counter.inc(amount)

    def gauge(self, name: str) -> Gauge:
        return self._gauges[name]

    def summary(self, name: str, **tags: str) -> Summary:
        summary = self._summaries[name]
        return summary.labels(**tags) if tags else summary

    def histogram(self, name: str) -> Histogram:
        return self._histograms[name]

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)
