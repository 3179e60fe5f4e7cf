"""Polls devices, one or a whole round of them, and remembers of each what the next poll needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from collectors import idle
from collectors.engine import Device, Engine, Errand, Script
from collectors.engine import Polled as Ended
from collectors.polling.asking import script
from collectors.polling.brought import Brought
from collectors.polling.facts import LOADS, NOWHERE
from collectors.polling.known import TOLERANCE_S, Known
from collectors.polling.order import Polled, PollOrder
from collectors.polling.plan import Plans
from collectors.polling.remembering import read, recorded, remember
from collectors.snmp import Failure
from collectors.snmp.reading import Problem

#: After a poll that was not like the one before so many are read in full, and for so many seconds, until all that
#: counts polls has come to rest.
CALM_POLLS, CALM_S = 8, 1200.0

#: What a device's script brings: what it is remembered by, and what came, why nothing came, or an error of our own.
_Found = tuple[Known, Brought | Problem | Exception]


class DevicePoller:
    """Polls over an engine that is open; what it learns of devices is kept until they are forgotten."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._plans = Plans()
        self._known: dict[str, Known] = {}

    async def read(self, order: PollOrder) -> Polled:
        """Poll one device now, in full; whatever the network does, there is something to tell."""
        known = self._of(order)
        return full(_told(await self._engine.read(known.device, _found(known, self._plans))))

    async def round(self, turns: Iterable[tuple[float, PollOrder]], told: Callable[[Polled], None]) -> None:
        """Poll many devices, each not before its moment on the loop's clock; ``turns`` come in their order.

        ``told`` hears of each as its poll ends, and must not raise. A steady poll has no reading.
        """

        def ended(one: Ended[Any]) -> None:
            try:
                polled = _told(one)
            except Exception as error:  # noqa: BLE001 - an error of ours: the engine's socket serves others as well
                why = f"the poll failed: {error or type(error).__name__}"
                polled = Polled(one.device.key, one.began, Failure.UNUSABLE, why)
            told(polled)

        await self._engine.poll(self._errands(turns), ended)

    def reconsider(self) -> None:
        """Give back the turn of the round that waits for its moment, and take the next one from its turns anew."""
        self._engine.reconsider()

    def attend(self, device: str) -> None:
        """Read the next poll of a device in full, whatever it says."""
        if device in self._known:
            self._known[device].attended = True

    def forget(self, device: str) -> None:
        """A device that is polled no more."""
        self._known.pop(device, None)

    def _errands(self, turns: Iterable[tuple[float, PollOrder]]) -> Iterator[Errand]:
        for at, order in turns:
            known = self._of(order)
            yield Errand(known.device, _found(known, self._plans), at)

    def _of(self, order: PollOrder) -> Known:
        """What is known of a device; nothing but how to speak with it, where it is polled for something else now."""
        known = self._known.get(order.device)
        if known is None or (known.order is not order and known.order != order):
            same = known is not None and known.order.target == order.target
            device = known.device if known is not None and same else Device(order.device, order.target)
            known = self._known[order.device] = Known(order, device)
        return known


def full(polled: Polled) -> Polled:
    """The same poll with its reading, though it was steady; before the device is polled again."""
    if polled.reading is not None or polled.brought is None:
        return polled
    return polled._replace(reading=read(*polled.brought))


def _found(known: Known, plans: Plans) -> Script[_Found]:
    """The script, which must not raise in the engine: an error of ours is handed on."""
    try:
        return known, (yield from script(known, plans))
    except Exception as error:  # noqa: BLE001 - whatever it is, who is told of the poll hears of it
        return known, error


def _told(ended: Ended[_Found]) -> Polled:
    """One poll as it is told; it is remembered."""
    known, brought = ended.found
    if isinstance(brought, Brought):
        return _taken(known, brought, ended)
    _unsettle(known, ended.began)
    if isinstance(brought, Problem):
        return Polled(known.order.device, ended.began, brought.failure, brought.detail)
    raise brought


def _taken(known: Known, brought: Brought, ended: Ended[_Found]) -> Polled:
    """A poll that brought something: steady where nothing that decides has changed for long."""
    at, uptime_s = ended.began, brought.uptime_s
    if brought.alike and not ended.lost and _in_time(known, uptime_s, at):
        known.calm_polls += 1
    else:
        _unsettle(known, at)
    steady = known.calm_polls > CALM_POLLS and at - known.calm_since >= CALM_S and not known.attended
    reading = None if steady else read(known, brought)
    if reading is None:
        part = brought.parts[0]
        load = brought.plan.facts.cpu_percent(part.values, known.idles, uptime_s)
    else:
        load = min([reading.figures[name] for name in LOADS if name in reading.figures], default=None)
    if reading is not None and not brought.alike:
        remember(known, brought, reading)
    record = recorded(known, brought, at)
    _advance(known, brought, at)
    requests, lost, round_trip_s = ended.requests, ended.lost, ended.round_trip_s
    name, made_of = known.order.device, (known, brought)
    return Polled(name, at, None, "", reading, uptime_s, load, round_trip_s, requests, lost, record, made_of)


def _in_time(known: Known, uptime_s: float | None, at: float) -> bool:
    """Whether the device's clock went on as ours did."""
    if uptime_s is None or known.uptime_s is None:
        return False
    return abs(uptime_s - known.uptime_s - at + known.at) <= TOLERANCE_S


def _unsettle(known: Known, at: float) -> None:
    known.calm_polls, known.calm_since = 0, at


def _advance(known: Known, brought: Brought, at: float) -> None:
    """What changes with each poll."""
    facts, part = brought.plan.facts, brought.parts[0]
    values = part.values
    if facts.idle != NOWHERE and facts.idle < len(values):
        ticks = values[facts.idle]
        known.idles = idle.remembered(known.idles, brought.uptime_s, ticks if isinstance(ticks, int) else None)
    engine = values[facts.engine_time] if NOWHERE != facts.engine_time < len(values) else None
    known.at, known.uptime_s, known.turn, known.attended = at, brought.uptime_s, brought.turn, False
    known.engine_time_s = engine if isinstance(engine, int) else None
