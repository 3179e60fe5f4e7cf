"""The sample of a poll that was handed on without one. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.monitoring.heard import Heard, sample_of
from agent.monitoring.sample import Answer, InterfaceReading, Sample
from agent.monitoring.states import Expected, Link, LinkState, RouterState

#: What an interface tells that is in such a state; a missing one has no row.
_TELLS = {
    Link.UP: InterfaceReading(admin_up=True, oper_up=True),
    Link.DOWN: InterfaceReading(admin_up=True, oper_up=False),
    Link.ADMIN_DOWN: InterfaceReading(admin_up=False, oper_up=None),
    Link.UNKNOWN: InterfaceReading(admin_up=True, oper_up=None),
}


def supposed(heard: Heard, before: RouterState | None, expected: Expected) -> Sample:
    """What the poll brought: its sample, or else the figures with everything as ``before`` shows it.

    Nothing is made up: what the former state does not show (an interface that the inventory expects only now) is
    unknown in it, and conditions are not read.
    """
    if heard.sample is not None or heard.answer is not Answer.ANSWERED or before is None:
        return sample_of(heard)
    life, load = before.life, heard.cpu_percent
    links = {name: before.links[name].link if name in before.links else Link.UNKNOWN for name in expected.interfaces}
    changed_s = before.config_changed_s
    return Sample(
        heard.router,
        datetime.fromtimestamp(heard.at, UTC),
        heard.answer,
        heard.reason,
        uptime_s=heard.uptime_s,
        engine_id=life.engine_id if life else None,
        engine_boots=life.boots if life else None,
        engine_time_s=_engine_time(before, heard),
        config_changed_s=changed_s,
        startup_changed_s=None if changed_s is None or before.unsaved is None else changed_s - before.unsaved,
        interfaces={name: _TELLS[link] for name, link in links.items() if link in _TELLS},
        round_trip_ms=heard.round_trip_ms,
        counters={} if load is None else {"cpu_1_min_percent": load, "cpu_5_min_percent": load},
        requests=heard.requests,
        lost=heard.lost,
        peers=_peers(before, expected),
    )


def _engine_time(before: RouterState, heard: Heard) -> int | None:
    """It goes on as uptime does."""
    life = before.life
    if life is None or life.engine_time_s is None or heard.uptime_s is None:
        return None
    return life.engine_time_s + round(heard.uptime_s - life.uptime_s)


def _peers(before: RouterState, expected: Expected) -> frozenset[str] | None:
    """The far ends of the IPsec tunnels that are up; None where one is expected whose state nobody knows."""
    links: dict[str, LinkState | None] = {
        address: before.links.get(name) for name, (address, _) in expected.ipsec.items() if address in before.peers
    }
    if any(link is None or link.link is Link.UNKNOWN for link in links.values()):
        return None
    return frozenset(address for address, link in links.items() if link is not None and link.link is Link.UP)
