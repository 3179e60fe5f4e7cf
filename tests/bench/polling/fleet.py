"""A fleet in memory: any number of plain spokes of one hub as the inventory orders them, at simulated addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from agent.monitoring.snmp import poll_order
from agent.monitoring.watch import Subject, subjects
from collectors.polling import PollOrder
from collectors.snmp import Community, Target, V3User
from inventory import SiteView
from tests.bench.bench_verify import made
from tests.bench.responder import COMMUNITY, SHA256, address

#: The security models that a poll is measured with, by the words of the table.
MODELS: dict[str, Community | V3User] = {"SNMPv2c": COMMUNITY, "SNMPv3 SHA-256/AES": SHA256}


@dataclass(frozen=True, slots=True)
class Fleet:
    """One spoke of the inventory stands for all: what is asked of it and expected of it is asked of each."""

    spoke: SiteView
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
    """Plain spokes whose agents listen at ``port``."""
    inventory = made(1)
    spoke = next(view for view in inventory.sites() if not view.is_hub("corporate"))
    target = Target(address(0), port, credentials, timeout_s, retries)
    return Fleet(spoke, poll_order(spoke, target), subjects(inventory)[spoke.router.name])
