"""The journal of a lab: after every change of the network each router counts and logs what it noticed."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from agent.lab.box.log import Message
from agent.lab.journal.attempts import Failure
from agent.lab.journal.certificates import ExpiryTalk
from agent.lab.journal.messages import Said, TunnelTalk, of_interface, of_session
from agent.lab.journal.negotiations import Negotiations
from agent.lab.journal.registrations import Registrations
from agent.lab.net.network import LinkKey, Network
from agent.lab.router import VirtualRouter


class Journal:
    """``routers`` are those of the lab, whose configurations say what is logged."""

    def __init__(self, routers: Mapping[str, VirtualRouter]) -> None:
        self.negotiations = Negotiations()
        self.registrations = Registrations()
        self._changes = 0
        self._routers = routers
        self._tunnels = TunnelTalk()
        self._dynamic: set[LinkKey] = set()
        self._changed: dict[str, float] = {}
        self._expiries = ExpiryTalk()

    def take(self, network: Network, now: float) -> None:
        """Call it after each time the network was brought up to date: what changed since then is noticed once."""
        boots = {name: router.boots for name, router in self._routers.items()}
        for said in dict.fromkeys(self._noticed(network)):
            self._add(network, now, said)
        self.negotiations.take(network, boots, now)
        for name in self._routers:
            self._expiries.take(self.negotiations.failing(name), self._routers)
        self.registrations.take(network, boots, now)

    def _noticed(self, network: Network) -> list[Said]:
        history, said = network.history, list[Said]()
        for interface in history.interfaces.changes:
            said += of_interface(network, interface)
        for link in history.links.changes:
            said += self._tunnels.of_link(network, link, self._routers[link[0][0]].running)
        for change in history.sessions.changes:
            session = network.sessions.get(change[0])
            if session is not None and session.dynamic:
                self._dynamic.add(change[0])
            said += of_session(network, change, change[0] in self._dynamic)
        for tracker in (history.interfaces, history.links, history.sessions):
            self._changes += len(tracker.changes)
            tracker.changes.clear()
        return said

    def version(self, now: float) -> object:
        """Differs when something came up, went down or failed since."""
        return self._changes, self.negotiations.version(now)

    def configured(self, router: VirtualRouter, manager: IPv4Address) -> None:
        """Somebody changed the running configuration of a router; ``manager`` is where SSH comes from."""
        if not router.up or self._changed.get(router.name) == router.running_changed or not router.changed_by:
            return
        self._changed[router.name] = router.running_changed
        who = router.changed_by
        whence = "console" if who in {"console", "initial"} else f"{who} on vty0 ({manager})"
        router.log.add(router.running_changed, f"%SYS-5-CONFIG_I: Configured from console by {whence}")

    def _add(self, network: Network, now: float, said: Said) -> None:
        name, text = said
        if network.stations[name].powered:
            self._routers[name].log.add(now, text)

    def show_logging(self, router: VirtualRouter, now: float) -> str:
        """``show logging``."""
        spells = self.negotiations.spells(router.name)
        expiries = self._expiries.messages(router.name, spells, now)
        noticed = (one for one in expiries if one.at >= router.booted_at)
        return router.log.shown(router.running, [*noticed, *self._aborts(router, now)])

    def _aborts(self, router: VirtualRouter, now: float) -> list[Message]:
        """Negotiations that failed, which IKEv2 logs where it is told to."""
        if not router.running.has("crypto logging ikev2"):
            return []
        return [
            Message(at, f"%IKEV2-3-NEG_ABORT: Negotiation aborted due to ERROR: {spell.failure}")
            for spell in self.negotiations.spells(router.name)
            for _, at in spell.moments(now)
            if at >= router.booted_at
        ]

    def errors(self, router: VirtualRouter, now: float) -> dict[Failure, int]:
        """How often negotiations failed since the boot, whoever began them."""
        found: dict[Failure, int] = {}
        for (_, failure), count in self.negotiations.failed(router.name, now).items():
            if count:
                found[failure] = found.get(failure, 0) + count
        return found
