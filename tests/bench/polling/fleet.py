"""Fleets in memory, of any number at simulated addresses: plain spokes of one hub, and routers of 48 objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from agent.monitoring.snmp import poll_order
from agent.monitoring.states import Expected
from agent.monitoring.watch import Subject, subjects
from collectors.modules.loading import read_module
from collectors.polling import PollOrder
from collectors.snmp import Community, Target, V3User
from tests.bench.bench_verify import made
from tests.bench.responder import COMMUNITY, INTERFACES, SHA256, address

#: The security models that a poll is measured with, by the words of the table.
MODELS: dict[str, Community | V3User] = {"SNMPv2c": COMMUNITY, "SNMPv3 SHA-256/AES": SHA256}

#: What is asked of a router that nothing more is known of.
ROUTER = Path(__file__).with_name("router.toml")


@dataclass(frozen=True, slots=True)
class Fleet:
    """One device stands for all: what is asked of it and expected of it is asked of each."""

    order: PollOrder
    subject: Subject

    def orders(self, numbers: Iterable[int]) -> Iterator[PollOrder]:
        """What is polled, of the devices of these numbers."""
        target = self.order.target
        for number in numbers:
            yield replace(self.order, device=name(number), target=replace(target, address=address(number)))

    def subjects(self, numbers: Iterable[int]) -> dict[str, Subject]:
        """What is watched, by name."""
        return {name(n): replace(self.subject, router=name(n), site=f"large0/{name(n)}") for n in numbers}


def name(number: int) -> str:
    """What the device of that number is called."""
    return f"spoke-{number}"


def number_of(router: str) -> int:
    """The number in a device's name."""
    return int(router.rpartition("-")[2])


def fleet(port: int, credentials: Community | V3User, timeout_s: float = 2.0, retries: int = 2) -> Fleet:
    """Plain spokes as the inventory orders them, whose agents listen at ``port``."""
    inventory = made(1)
    spoke = next(view for view in inventory.sites() if not view.is_hub("corporate"))
    target = Target(address(0), port, credentials, timeout_s, retries)
    return Fleet(poll_order(spoke, target), subjects(inventory)[spoke.router.name])


def routers(port: int, credentials: Community | V3User, timeout_s: float = 2.0, retries: int = 2) -> Fleet:
    """Routers that are asked for what router.toml says, of each of their four interfaces."""
    module = read_module("router", ROUTER.read_text(encoding="utf-8"), "any")
    assert module is not None
    rows = frozenset(short for _, short in INTERFACES.values())
    target = Target(address(0), port, credentials, timeout_s, retries)
    order = PollOrder(name(0), target, (module,), ((module.tables[0].name, rows),))
    return Fleet(order, Subject(name(0), "", proactive=False, expected=Expected(()), hubs={}))


#: The kinds of fleet by the words of the table.
KINDS: dict[str, Callable[[int, Community | V3User], Fleet]] = {
    "spokes": fleet,
    "plain routers of 48 objects": routers,
}
