"""A small fleet whose polls are known, to the octet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.monitoring.schedule import offset
from collectors.codec import ber, values
from collectors.codec.values import Flat
from collectors.modules import Figure, Type
from collectors.record import Column, Layout, Role, packed

#: When the story begins: the start of a day.
START = datetime(2026, 11, 2, tzinfo=UTC)
BEGAN = START.timestamp()
PERIOD_S = 240.0
PORT = "GigabitEthernet0/0/0"

_ROW = ("interfaces", PORT)
COLUMNS = (
    Column("", "", "uptime_s", Type.TICKS, Role.TIME),
    Column("", "", "engine_id", Type.OCTETS, Role.TEXT),
    Column("", "", "engine_boots", Type.INTEGER, Role.GAUGE),
    Column("processors", "1", "load_5_min_percent", Type.GAUGE32, Role.GAUGE, None, 0, 100),
    Column("processors", "2", "load_5_min_percent", Type.GAUGE32, Role.GAUGE, None, 0, 100),
    Column(*_ROW, "oper", Type.INTEGER, Role.STATE),
    Column(*_ROW, "in_octets", Type.COUNTER64, Role.COUNTER),
    Column(*_ROW, "in_errors", Type.COUNTER32, Role.COUNTER),
    Column(*_ROW, "discontinuity_s", Type.TICKS, Role.SINCE),
)
TAGS = bytes(
    (
        values.TIME_TICKS,
        ber.OCTETS,
        ber.INTEGER,
        values.GAUGE32,
        values.GAUGE32,
        ber.INTEGER,
        values.COUNTER64,
        values.COUNTER32,
        values.TIME_TICKS,
    )
)
LAYOUT = Layout(COLUMNS, (Figure("cpu_5_min_percent", "max", "processors", "load_5_min_percent"),))
#: The same device, asked for more in some polls.
LARGER = Layout((*COLUMNS, Column("", "", "temperature", Type.INTEGER, Role.GAUGE)), LAYOUT.figures)


@dataclass
class Router:
    """One router: tell it what it is to say, and it is polled in its turn of each cycle."""

    name: str
    octets: int = 2**64 - 10**9
    errors: int = 2**32 - 100
    uptime_s: float = 1000.0
    load: int = 10
    boots: int = 3
    larger_every: int = 0
    keys: dict[str, bytes] = field(default_factory=dict)
    polls: int = 0

    def at(self, cycle: int) -> float:
        """When it is polled."""
        return BEGAN + cycle * PERIOD_S + offset(self.name, PERIOD_S)

    def poll(self, cycle: int, *, octets_per_s: int = 1000, whole_every: int = 15) -> Heard:
        """It answers, and counts on."""
        self.octets = (self.octets + int(octets_per_s * PERIOD_S)) % 2**64
        self.errors = (self.errors + 12) % 2**32
        self.uptime_s += PERIOD_S
        found: list[Flat] = [
            int(self.uptime_s * 100) % 2**32, b"engine", self.boots, self.load, 5, 1, self.octets, self.errors, 0,
        ]  # fmt: skip
        layout, tags = LAYOUT, TAGS
        if self.larger_every and self.polls % self.larger_every == 0:
            layout, tags = LARGER, TAGS + bytes((ber.INTEGER,))
            found.append(-40)
        key = self.keys.get(layout.digest) if self.polls % whole_every else None
        self.polls += 1
        record = packed(layout, tags, found, key)
        if record.whole:
            self.keys[layout.digest] = record.data
        return Heard(self.name, self.at(cycle), Answer.ANSWERED, "", self.uptime_s, 4.5, 10.0, 2, 0, record)

    def hourly(self, hours: range) -> list[Heard]:
        """It answers once in each of these hours, with all that it has."""
        return [self.poll(hour * 15, whole_every=1) for hour in hours]

    def miss(self, cycle: int, answer: Answer = Answer.SILENT, after_s: float = 0.0) -> Heard:
        """Nothing comes of its poll."""
        self.uptime_s += PERIOD_S
        return Heard(self.name, self.at(cycle) + after_s, answer, "timeout: nothing came", lost=3)

    def reboot(self) -> None:
        """It begins anew, and so does what it counts."""
        self.uptime_s, self.octets, self.errors, self.boots = 0.0, 0, 0, self.boots + 1


def polled(routers: Iterable[Router], cycles: Iterable[int]) -> list[Heard]:
    """Every router polled in every cycle, in the order in which that happens."""
    members = sorted(routers, key=lambda one: offset(one.name, PERIOD_S))
    return [router.poll(cycle) for cycle in cycles for router in members]
