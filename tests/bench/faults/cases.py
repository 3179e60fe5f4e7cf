"""What can be wrong with a device that is polled, and how it is made so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from collectors.polling import PollOrder
from collectors.snmp import V3User
from inventory import Secret
from tests.bench.responder import SHA256, Responder, address

#: Makes the device of a number wrong; ``neighbour`` is the number of a healthy one.
Spoil = Callable[[Responder, int, int], None]


@dataclass(frozen=True, slots=True)
class Case:
    """``said`` are words that the product must say of the device: its reach, why, or an alarm; empty: all is well.

    ``ordered`` changes how it is polled, where the mistake is ours.
    """

    name: str
    what: str
    said: tuple[str, ...]
    spoil: Spoil | None = None
    ordered: Callable[[PollOrder], PollOrder] | None = None


def _fault(name: str, value: int = 0) -> Spoil:
    return lambda agents, number, _: agents.fault(number, name, value)


def _cloned(agents: Responder, number: int, neighbour: int) -> None:
    agents.fault(number, "cloned", int(IPv4Address(address(neighbour))) & 0xFFFFFF)


def _as_user(user: V3User) -> Callable[[PollOrder], PollOrder]:
    return lambda order: replace(order, target=replace(order.target, credentials=user))


_OTHER = Secret("not-the-passphrase")

#: All that is tried, in the order of the page.
CASES = (
    Case("dead", "answers nothing", ("down", "router_unreachable"), _fault("dead")),
    Case("slow", "answers after 450 ms", ("up", "slow_answers"), _fault("slow", 450)),
    Case("too late", "answers after 3 s, when it is asked again already", ("down",), _fault("slow", 3000)),
    Case("lossy", "three of ten packets are lost on their way to it", ("up", "packet_loss"), _fault("lossy", 300)),
    Case("rebooting", "restarts: no uptime, one boot more", ("up", "router_rebooted"), _fault("reboot")),
    Case("cloned", "has the engine ID of a neighbour, with other boots and time", ("up",), _cloned),
    Case("clock ahead", "its engine's time jumps ahead by a day", ("up",), _fault("clock", 86_400)),
    Case("clock back", "its engine's time jumps back by an hour", ("up",), _fault("clock", -3_600)),
    Case(
        "wrong authentication key", "is asked with another authentication key", ("unknown", "wrong authentication key"),
        ordered=_as_user(replace(SHA256, auth=_OTHER)),
    ),
    Case(
        "wrong privacy key", "is asked with another privacy key", ("unknown", "privacy"),
        ordered=_as_user(replace(SHA256, priv=_OTHER)),
    ),
    Case(
        "unknown user", "is asked as a user that it does not know", ("unknown", "unknown user"),
        ordered=_as_user(replace(SHA256, name="nobody")),
    ),
    Case("half tables", "of every second row, later columns are missing", ("up", "Tunnel10 unknown"), _fault("half")),
    Case("too big", "calls answers of more than ten objects too big", ("up",), _fault("too-big", 10)),
    Case("refusing", "answers every request with genErr", ("unknown", "refused"), _fault("refusing")),
    Case("from elsewhere", "answers from another address", ("down",), _fault("elsewhere")),
    Case("other identifier", "answers with another request's identifier", ("unknown", "unusable"), _fault("other-id")),
    Case("truncated", "its answers lack their last ten octets", ("down",), _fault("truncated")),
    Case("replaying", "sends one answer for ever", ("down",), _fault("replaying")),
    Case("forged", "its authentication codes have a wrong bit", ("unknown", "authentication code"), _fault("forged")),
)  # fmt: skip
