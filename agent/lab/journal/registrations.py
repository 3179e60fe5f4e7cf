"""NHRP registrations of the spokes: sent and answered while a tunnel is up, sent in vain while it is not."""

from __future__ import annotations

from dataclasses import dataclass

from agent.lab.journal.attempts import tries
from agent.lab.net.network import LinkKey, Network
from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link, Role

#: A router without these has nothing to send a registration through.
_OWN = {
    Reason.POWERED_OFF, Reason.SHUTDOWN, Reason.NO_INTERFACE, Reason.NO_ADDRESS, Reason.NOT_A_TUNNEL,
    Reason.NO_NETWORK_ID, Reason.ACCESS_DOWN,
}  # fmt: skip
_HOLD_S = 600


@dataclass(frozen=True, slots=True)
class Registered:
    """One next hop server as a spoke counts it; ``since`` is when the present state began."""

    up: bool
    trying: bool
    since: float
    period: float
    sent: int = 0
    answered: int = 0
    boots: int = -1

    def at(self, now: float) -> tuple[int, int, float | None]:
        """Requests sent, replies received, and seconds since the last reply (None: there was none of late)."""
        age = now - self.since
        if self.up:
            more = 1 + int(age // self.period)
            return self.sent + more, self.answered + more, age % self.period
        return self.sent + (tries(age) if self.trying else 0), self.answered, None


class Registrations:
    """Kept for all spokes of a lab."""

    def __init__(self) -> None:
        self._of: dict[LinkKey, Registered] = {}

    def take(self, network: Network, boots: dict[str, int], now: float) -> None:
        """Take in the present state of all links to next hop servers."""
        for key, link in network.tunnels.links.items():
            if link.role is Role.SERVER:
                self._of[key] = self._next(network, link, boots[link.router], now)
        self._of = {key: one for key, one in self._of.items() if key in network.tunnels.links}

    def _next(self, network: Network, link: Link, boots: int, now: float) -> Registered:
        up = network.is_up(link)
        trying = not up and link.reason not in _OWN
        old = self._of.get(link.key)
        period = _holdtime(network, link) / 3
        if old is None or old.boots != boots:
            return Registered(up, trying, now, period, boots=boots)
        if (old.up, old.trying) == (up, trying):
            return old
        sent, answered, _ = old.at(now)
        return Registered(up, trying, now, period, sent, answered, boots)

    def of(self, link: Link) -> Registered | None:
        """What a spoke has counted of one server."""
        return self._of.get(link.key)

    def received(self, hub: str, interface: str, network: Network, now: float) -> int:
        """Requests that arrived at one tunnel of a hub; it has answered each."""
        return sum(
            one.at(now)[1]
            for key, one in self._of.items()
            if (network.tunnels.links[key].peer, network.tunnels.links[key].peer_interface) == (hub, interface)
        )


def _holdtime(network: Network, link: Link) -> float:
    interface = network.stations[link.router].interface(link.interface)
    return float(interface.tunnel.holdtime if interface and interface.tunnel else _HOLD_S)
