"""What became of the samples of remote write, and the metrics that say so."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from threading import Lock
from time import time

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


class Result(StrEnum):
    """What became of samples."""

    SENT = "sent"
    #: The receiver will not have them: an answer of 4xx.
    REFUSED = "refused"
    #: Beyond what a poll may have, or of a record that cannot be read.
    LEFT_OUT = "left_out"


class Counts(Collector):
    """Counts what becomes of samples, requests and polls; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.samples = dict.fromkeys(Result, 0)
        #: Polls that the queue had no place for.
        self.dropped_polls = 0
        self.waiting_polls = 0
        self.retries = 0
        #: When something was taken last, in Unix seconds; 0: never.
        self.sent_at = 0.0

    def add(self, result: Result, samples: int) -> None:
        """So many samples ended so."""
        with self._lock:
            self.samples[result] += samples
            if result is Result.SENT and samples:
                self.sent_at = time()

    def retried(self) -> None:
        """A request has to be sent again."""
        with self._lock:
            self.retries += 1

    def queued(self, waiting: int, dropped: int) -> None:
        """So many polls wait now, and so many more were dropped."""
        with self._lock:
            self.waiting_polls = waiting
            self.dropped_polls += dropped

    def describe(self) -> list[Metric]:
        """Nothing up front."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One scrape."""
        prefix = "spokesman_remote_write_"
        samples = CounterMetricFamily(f"{prefix}samples", "Samples by what became of them.", labels=["result"])
        with self._lock:
            for result, many in self.samples.items():
                samples.add_metric([result], many)
            yield samples
            yield CounterMetricFamily(f"{prefix}dropped_polls", "Polls that found the queue full.", self.dropped_polls)
            yield CounterMetricFamily(f"{prefix}retries", "Requests that were sent again.", self.retries)
            yield GaugeMetricFamily(f"{prefix}waiting_polls", "Polls that wait to be sent.", self.waiting_polls)
            if self.sent_at:
                text = "When samples were taken last, in Unix seconds."
                yield GaugeMetricFamily(f"{prefix}sent_timestamp_seconds", text, self.sent_at)
