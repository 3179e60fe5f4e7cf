"""What one poll brought as the poller hands it on: all of it, or only that everything is as it was before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from agent.monitoring.ports import Outcome
from agent.monitoring.sample import Answer, Sample
from collectors.record import Packed


class Heard(NamedTuple):
    """One poll of one router. ``at`` is when it began, in Unix seconds.

    ``sample`` is None in two cases only:

    - the poll was *steady*: it was answered, ``lost`` is 0, and the sample that would have been made of it is the one
      of the router's poll before but for ``at``, ``uptime_s`` and ``engine_time_s`` (which go on as our clock does),
      ``round_trip_ms``, ``requests``, ``counters``, the words (not ``bad``) of ``conditions``, and ``greets`` (which is
      None or GREETED). Neither of the two has ``faults``;
    - nothing came: ``answer`` is not ANSWERED, and ``reason`` and ``lost`` say all that there is.

    The figures are told of every poll, with a sample or without: ``uptime_s`` on the device's own clock,
    ``round_trip_ms``, ``requests`` that were answered, ``lost`` tries that were not, and ``cpu_percent``, the lower one
    of the loads over one and five minutes: only where both are high is a load called one. None: not told.
    ``record`` are the packed values for the history; None: nothing was read.
    """

    router: str
    at: float
    answer: Answer
    reason: str = ""
    uptime_s: float | None = None
    round_trip_ms: float | None = None
    cpu_percent: float | None = None
    requests: int = 0
    lost: int = 0
    record: Packed | None = None
    sample: Sample | None = None

    @property
    def tells(self) -> bool:
        """Whether it may tell something new: who loses it has to ask for a whole sample, for later ones say less."""
        return self.sample is not None or self.answer is not Answer.ANSWERED


#: Keeps a batch, in order, and says of each poll what it led to: None where that is nothing, because all is as it was
#: or the router has left the inventory. What is not None is on the disk when this returns.
Keep = Callable[[Sequence[Heard]], Awaitable[Sequence[Outcome | None]]]

#: Asks for whole samples of a router, from its next poll on: what is known of it is not settled.
Attend = Callable[[str], None]


def told_by(sample: Sample) -> Heard:
    """A sample with its figures."""
    loads = [sample.counters[name] for name in ("cpu_1_min_percent", "cpu_5_min_percent") if name in sample.counters]
    return Heard(
        sample.router,
        sample.at.timestamp(),
        sample.answer,
        sample.reason,
        sample.uptime_s,
        sample.round_trip_ms,
        min(loads, default=None),
        sample.requests,
        sample.lost,
        sample=sample,
    )


def sample_of(heard: Heard) -> Sample:
    """The sample that was brought, or what is known without one."""
    at = datetime.fromtimestamp(heard.at, UTC)
    return heard.sample or Sample(
        heard.router, at, heard.answer, heard.reason, uptime_s=heard.uptime_s, lost=heard.lost
    )
