"""Sends what waits, request after request, until each is taken or refused: in a thread of its own, in order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic

from agent.monitoring.heard import Heard
from agent.remote_write.counts import Counts, Result
from agent.remote_write.queue import Queue
from agent.remote_write.samples import Samples
from agent.remote_write.transport import Answered, Ended

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Polls of one request, how long they wait for others, and the shortest and the longest time before it is sent
    again, in seconds."""

    polls: int = 200
    flush_s: float = 5.0
    again_s: float = 0.1
    longest_s: float = 30.0


class RemoteWrite:
    """``put`` takes polls and returns at once; a thread sends them. ``jitter`` gives 0 to 1."""

    def __init__(
        self,
        queue: Queue,
        samples: Samples,
        send: Callable[[bytes], Answered],
        counts: Counts,
        jitter: Callable[[], float],
        pace: Pace = Pace(),
    ) -> None:
        self._queue, self._samples, self._send, self.counts = queue, samples, send, counts
        self._jitter, self._pace = jitter, pace
        self._stop, self._failing = Event(), False
        self._thread = Thread(target=self._run, name="remote write", daemon=True)

    def start(self) -> None:
        """Send until ``close``."""
        self._thread.start()

    def put(self, batch: Sequence[Heard]) -> None:
        """Have the samples of polls sent."""
        self._queue.put(batch)

    def close(self, within_s: float) -> None:
        """Send what waits within that time; what is left is dropped."""
        end = monotonic() + within_s
        self._queue.close()
        self._thread.join(within_s)
        self._stop.set()
        self._thread.join(max(0.0, end - monotonic()) + 0.1)

    def _run(self) -> None:
        while not self._stop.is_set() and not self._queue.ended:
            try:
                self._next()
            except Exception:  # whatever it is, the next polls have their turn
                log.exception("samples could not be made of polls")

    def _next(self) -> None:
        waiting = self._queue.take(self._pace.polls, self._pace.flush_s)
        encoded = [self._samples.of(*one) for one in waiting]
        self.counts.add(Result.LEFT_OUT, sum(one.left_out for one in encoded))
        message, many = b"".join(one.data for one in encoded), sum(one.series for one in encoded)
        if message:
            self._deliver(message, many)

    def _deliver(self, message: bytes, many: int) -> None:
        """Send a request until it is taken or refused; the pause doubles each time, and jitter takes up to half."""
        pause_s = self._pace.again_s
        while not self._stop.is_set():
            answered = self._send(message)
            self._tell(answered)
            if answered.ended is not Ended.LATER:
                self.counts.add(Result.SENT if answered.ended is Ended.TAKEN else Result.REFUSED, many)
                return
            self.counts.retried()
            self._stop.wait(max(answered.after_s, pause_s * (1 - self._jitter() / 2)))
            pause_s = min(2 * pause_s, self._pace.longest_s)

    def _tell(self, answered: Answered) -> None:
        """A line when it begins to fail and one when it is over; each refusal, for its samples are lost."""
        if answered.ended is Ended.REFUSED:
            log.error("remote write: samples were refused and are lost: %s", answered.why)
        elif answered.ended is Ended.LATER and not self._failing:
            log.warning("remote write: nothing can be sent for now: %s", answered.why)
        elif answered.ended is Ended.TAKEN and self._failing:
            log.info("remote write: samples are taken again")
        self._failing = answered.ended is Ended.LATER
