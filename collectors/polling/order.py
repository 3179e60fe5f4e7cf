"""What a device is polled for, and what is told of one poll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from collectors.modules import Module
from collectors.questions import Expected
from collectors.reading import Reading
from collectors.record import Packed
from collectors.snmp import Failure, Target

if TYPE_CHECKING:
    from collectors.polling.brought import Brought
    from collectors.polling.known import Known


@dataclass(frozen=True, slots=True)
class PollOrder:
    """A device to poll for ``modules``; ``expected`` names the rows that are needed, of tables where not all are.

    Name what is needed: five interfaces fit one packet.
    """

    device: str
    target: Target
    modules: tuple[Module, ...]
    expected: Expected = ()


class Polled(NamedTuple):
    """One poll, which began ``at`` (Unix time).

    With a ``failure`` nothing was read and ``detail`` says more. Otherwise ``reading`` is None where the poll was
    steady: nothing that decides anything is other than before. ``uptime_s``, ``cpu_percent`` (the lower one of the
    loads over one and five minutes) and ``record`` (None: nothing was read) are told either way. ``requests`` were
    answered, and ``lost`` tries before went unanswered. ``brought`` is what the reading is made of.
    """

    device: str
    at: float
    failure: Failure | None = None
    detail: str = ""
    reading: Reading | None = None
    uptime_s: float | None = None
    cpu_percent: float | None = None
    round_trip_s: float | None = None
    requests: int = 0
    lost: int = 0
    record: Packed | None = None
    brought: tuple[Known, Brought] | None = None
