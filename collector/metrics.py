"""Every metric of the collector, as data: a name that is not listed here cannot be used."""

from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, generate_latest

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
    Metric("collector_requests", "counter", "request", ("route", "status"), "Requests answered."),
    Metric("collector_hits_accepted", "counter", "hit", (), "Hits acknowledged by Kafka."),
    Metric(
        "collector_hits_left_out",
        "counter",
        "hit",
        ("reason",),
        "Hits acknowledged by Kafka that a rule leaves out of the counts; not among the accepted.",
    ),
    Metric("collector_hits_refused", "counter", "hit", ("reason",), "Events turned away."),
    Metric(
        "collector_hits_unstored",
        "counter",
        "hit",
        ("reason",),
        "Hits answered with 503 because nothing could store them.",
    ),
    Metric("collector_step_seconds", "summary", "second", ("step",), "Time a step took."),
    Metric("collector_ack_seconds", "histogram", "second", (), "Time to Kafka's acknowledgement."),
    Metric("collector_record_hits", "summary", "hit", (), "Hits in an acknowledged record."),
    Metric("collector_waiting_hits", "gauge", "hit", (), "Hits waiting for an acknowledgement."),
    Metric("collector_watermarks", "counter", "watermark", (), "Watermarks acknowledged."),
    Metric("collector_producers", "counter", "producer", (), "Kafka producers made so far."),
    Metric("collector_redis_failures", "counter", "failure", ("task",), "Redis did not answer."),
    Metric("collector_sites", "gauge", "site", (), "Sites known."),
    Metric("collector_errors", "counter", "error", ("kind",), "Errors of our own, answered 500."),
)

PREFIX: Final = "pawprint_"
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
        for metric in METRICS:
            self._add(metric)

    def _add(self, metric: Metric) -> None:
        name, text, tags = PREFIX + metric.name, metric.meaning, metric.tags
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
        counter = self._counters[name]
        (counter.labels(**tags) if tags else counter).inc(amount)

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
