"""A lab of real routers as its caller has it: start it, type at its consoles, break it, watch it, end it.

::

    topology = Topology(routers=(Router("hub1", "198.51.100.10/29", "198.51.100.9", hosts=(…)), …))
    with RealLab(topology, Guest()) as lab:
        lab.console("hub1", day_zero_text)        # what is typed at a blank router
        lab.ping("host1", "10.2.0.10")            # from a customer's computer
        with lab.capture() as seen: …             # seen.between("198.51.100.10", "198.51.100.18")
        lab.cut("spoke1"); lab.repair("spoke1"); lab.lose("spoke1", 30)
        lab.power_off("hub1"); lab.power_on("hub1")

While it runs, this machine reaches the routers' management addresses through the centre, as a management server does:
its own address there is ``topology.centre.outside``. When the process that owns a lab ends, however it ends, the lab
does too.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from types import TracebackType

from agent.lab.errors import LabError
from agent.lab.real.door import Door
from agent.lab.real.machine import Machine, check
from agent.lab.real.outside import Place, open_way, take_place
from agent.lab.real.plan import CENTRE, INTERNET, build_plan
from agent.lab.real.seen import Output, Reply, Seen, read_ping
from agent.lab.real.topology import Topology

#: How long a lab may take to get ready, in seconds; a guest needs about 15 on an idle machine.
START_S = 120.0


class RealLab:
    """One lab; a context manager that starts and ends it."""

    def __init__(self, topology: Topology, machine: Machine) -> None:
        self.topology = topology
        self._machine = machine
        self._running: _Running | None = None

    def __enter__(self) -> RealLab:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self) -> None:
        """Build everything; LabError says what is missing or what did not get ready."""
        check(self._machine)
        self._running = _Running(self.topology, self._machine)

    def end(self) -> None:
        """End it; nothing of it is left on this machine."""
        if self._running is not None:
            self._running.end()
            self._running = None

    def console(self, node: str, script: str, timeout_s: float = 120.0) -> Output:
        """Type ``script`` into root's shell at the console of a router, a host, "centre" or "internet"."""
        return self._live.run(node, script, timeout_s)

    def check_console(self, node: str, script: str, timeout_s: float = 120.0) -> str:
        """The same, and what it wrote; LabError when it failed."""
        output = self.console(node, script, timeout_s)
        if output.code != 0:
            ended = "did not end" if output.code is None else f"ended with {output.code}"
            raise LabError(f"{node}: what was typed at its console {ended}: {output.text.strip()[-2000:]}")
        return output.text

    def ping(self, host: str, address: str, count: int = 3, interval_s: float = 0.3) -> list[Reply | None]:
        """Ping from a customer's computer: each answer's time to live and milliseconds, None for one that is lost."""
        wait = count * interval_s + 10
        output = self.console(host, f"ping -n -W 1 -i {interval_s} -c {count} {address}", wait)
        return read_ping(output.text, count)

    def cut(self, router: str) -> None:
        """Take the router's access to the internet away, at the provider's end."""
        self._live.link(router, up=False)

    def repair(self, router: str) -> None:
        """Undo ``cut``."""
        self._live.link(router, up=True)

    def lose(self, router: str, percent: int) -> None:
        """Lose ``percent`` of what passes the router's access, each way; 0 ends it."""
        interface = self._live.plan.access_of(router)
        self._live.door.ask("lose", space=INTERNET, interface=interface, percent=percent)

    def power_off(self, router: str) -> None:
        """Take its power away: memory and processes are gone, the disk stays."""
        self._live.door.ask("power", box=router, on=False)

    def power_on(self, router: str) -> None:
        """Give its power back: it starts what is enabled on its disk."""
        self._live.door.ask("power", box=router, on=True)

    @contextlib.contextmanager
    def capture(self) -> Iterator[Seen]:
        """Count what routers and the centre send into the internet; the counts are there when the block ends."""
        door, plan = self._live.door, self._live.plan
        interfaces = [cable.name for cable in plan.cables if cable.to == INTERNET and cable.far]
        seen = Seen()
        door.ask("capture", on=True, space=INTERNET, interfaces=interfaces)
        try:
            yield seen
        finally:
            seen.fill(door.ask("capture", on=False))

    @property
    def _live(self) -> _Running:
        if self._running is None:
            raise LabError("the lab of real routers has not been started")
        return self._running


class _Running:
    """A lab between its start and its end."""

    def __init__(self, topology: Topology, machine: Machine) -> None:
        self._place: Place = take_place()
        try:
            self.plan = build_plan(topology, self._place.link)
            self.door = Door(machine.address(self._place), self._place.device)
            self._process = machine.start(self._place, self.plan)
        except BaseException:
            self._place.leave()
            raise
        try:
            open_way(self._place, topology.centre, self._alive)
            self.door.open(START_S, self._alive)
        except BaseException as problem:
            said = (self._place.folder / "console.log").read_text(errors="replace").strip()
            self.end()
            if isinstance(problem, LabError):
                raise LabError(f"{problem}\n{said[-2000:]}") from None
            raise

    def _alive(self) -> bool:
        return self._process.poll() is None

    def run(self, node: str, script: str, timeout_s: float) -> Output:
        result = self.door.ask("run", patience_s=timeout_s + 30, node=node, script=script, timeout_s=timeout_s)
        return Output(result["code"], result["output"])

    def link(self, router: str, *, up: bool) -> None:
        self.door.ask("link", space=INTERNET, interface=self.plan.access_of(router), up=up)

    def end(self) -> None:
        self.door.close()
        until = time.monotonic() + 3
        while self._alive() and time.monotonic() < until:
            time.sleep(0.05)
        self._process.kill()
        self._process.wait()
        self._place.leave()


__all__ = ["CENTRE", "INTERNET", "RealLab"]
