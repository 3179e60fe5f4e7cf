"""One device's poll: a probe if it was silent, then its script; what it teaches of its limits goes to the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from collectors.codec.pdu import Request
from collectors.engine.device import Device
from collectors.engine.learned import Learned
from collectors.engine.polled import AnyScript, Polled
from collectors.security.session import Session
from collectors.snmp import Failure
from collectors.snmp.asker import Asker
from collectors.snmp.exchange import Exchange, Outcome
from collectors.snmp.reading import Columns, Instances, Problem

#: What a device that was silent is asked first: sysUpTime, which every agent has.
PROBE: Final = (Request.of(((1, 3, 6, 1, 2, 1, 1, 3, 0),)),)

#: A device that was waited for so many seconds in a poll is asked nothing more. How long it waited for us is no fault
#: of its own, and does not count.
BOUND_S = 30.0

#: A packet of no more objects than this is not lost for its size.
SMALL = 8


class Poll:
    """Under way from ``begin`` until ``ended`` is told; ``session`` is the device's."""

    __slots__ = (
        "_asker", "_began", "_device", "_ended", "_exchange", "_lost", "_probed", "_reading", "_requests",
        "_round_trip_s", "_script", "_session", "_waited_s", "_waiting",
    )  # fmt: skip

    def __init__(
        self,
        asker: Asker,
        device: Device,
        session: Session,
        script: AnyScript,
        began: float,
        ended: Callable[[Poll, Polled[Any]], None],
    ) -> None:
        self._asker = asker
        self._device = device
        self._session = session
        self._script = script
        self._began = began
        self._ended = ended
        self._exchange: Exchange | None = None
        self._reading: Instances | Columns | None = None
        self._waiting: Instances | Columns | None = None
        self._probed = False
        self._requests = self._lost = 0
        self._round_trip_s: float | None = None
        self._waited_s = 0.0

    def begin(self) -> None:
        """Ask the first question."""
        try:
            first = next(self._script)
        except StopIteration as stop:
            self._end(stop.value)
            return
        if self._device.down:
            self._waiting = first
            self._read(Instances(PROBE))
        else:
            self._read(first)

    def drop(self) -> None:
        """End without a word."""
        if self._exchange is not None:
            self._exchange.drop()
        self._script.close()

    def _read(self, reading: Instances | Columns) -> None:
        """Begin a reading, as the device can bear it."""
        self._reading = reading
        if isinstance(reading, Columns):
            reading.repetitions = self._device.repetitions(reading.repetitions)
        elif (learned := self._device.learned) is not None and (parts := learned.cut(reading.packets)):
            reading.spare(parts, learned.refused)  # where all was refused it is asked: to be read is to be answered
        self._ask()

    def _ask(self) -> None:
        reading, device = self._reading, self._device
        request = None if reading is None else reading.request
        if request is not None and self._waited_s > BOUND_S:
            self._waiting = None
            self._go_on(Problem(Failure.TIMEOUT, f"its answers took more than {BOUND_S:.0f} s together"))
        elif request is not None:
            self._exchange = self._asker.ask(device.address, self._session, request, device.patience(), self._heard)
        elif self._waiting is not None:
            first, self._waiting, self._probed = self._waiting, None, True
            self._read(first)
        else:
            self._learn()
            self._go_on(None)

    def _go_on(self, problem: Problem | None) -> None:
        """Let the script have what it asked for, or why not; it says what is next."""
        try:
            reading = self._script.send(problem)
        except StopIteration as stop:
            self._end(stop.value)
        else:
            self._read(reading)

    def _heard(self, outcome: Outcome) -> None:
        reading, reply, round_trip_s = self._reading, outcome.reply, outcome.round_trip_s
        if reading is None or reply is None or round_trip_s is None:
            self._silent(outcome)
            return
        self._requests += 1
        self._lost += outcome.lost
        self._round_trip_s = round_trip_s
        self._waited_s += round_trip_s
        if outcome.lost:
            self._waited_s += sum(self._device.patience()[: outcome.lost])
        self._device.answered(round_trip_s, outcome.lost)
        problem = reading.take(reply)
        if problem is None or self._waiting is not None:  # whatever it says to the probe, it is there
            self._ask()
        else:
            self._go_on(problem)

    def _silent(self, outcome: Outcome) -> None:
        failure = outcome.failure or Failure.TIMEOUT
        request = None if self._reading is None else self._reading.request
        unheard = self._requests == int(self._probed)  # the probe's answer is none to what the script asks
        if failure is not Failure.CLOSED and unheard:
            self._device.silent()
        large = isinstance(self._reading, Instances) and request is not None and len(request.oids) > SMALL
        if self._probed and unheard and large and request is not None:
            self._lessons().too_big(len(request.oids))  # it answers what is small: what is large may not get through
        self._probed, self._waiting = False, None
        self._go_on(Problem(failure, outcome.detail))

    def _lessons(self) -> Learned:
        if self._device.learned is None:
            self._device.learned = Learned()
        return self._device.learned

    def _learn(self) -> None:
        """What the reading that has ended taught of the device's limits."""
        reading = self._reading
        if isinstance(reading, Columns):
            if reading.too_big:
                self._lessons().too_many_rows(reading.repetitions)
        elif reading is not None:
            if reading.too_big:
                self._lessons().too_big(reading.too_big)
            if reading.refused:
                self._lessons().refuses(reading.refused)

    def _end(self, found: Any) -> None:
        polled = Polled(self._device, self._began, found, self._round_trip_s, self._requests, self._lost)
        self._ended(self, polled)
