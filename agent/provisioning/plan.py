"""What a change will do, decided before anything is touched: pure, readable, and tied to what it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from agent.errors import Refused
from inventory import Inventory, Secret, SiteView
from inventory.delivery import hold_reasons
from inventory.rules.orders import PROVISIONABLE

#: What the reference of a simple service request begins with.
REQUEST = "SSR-"


class Model(BaseModel):
    """A frozen record that crosses processes as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(StrEnum):
    """What a plan is for."""

    PROVISION = "provision"
    RESTORE = "restore"


class FeatureChange(Model):
    """What changes of one feature: lines with ``+`` or ``-`` in front and secrets hidden.

    ``access``: it touches what the internet access or management stands on [WV-22].
    """

    feature: str
    clauses: tuple[str, ...] = ()
    lines: tuple[str, ...]
    access: bool = False


class DevicePlan(Model):
    """What changes on one router; ``expects`` are the links that must be up afterwards (see outcome)."""

    router: str
    site: str
    hub: bool
    running_digest: str
    candidate_digest: str
    changes: tuple[FeatureChange, ...] = ()
    snmp_users: tuple[str, ...] = ()
    expects: tuple[str, ...] = ()

    @property
    def nothing_to_do(self) -> bool:
        """Whether running is what is intended and every SNMP user is there."""
        return not self.changes and not self.snmp_users


class Plan(Model):
    """A change of one site: its router and those that have to follow, in the order in which they are changed.

    ``reason`` names the order or request [WV-22]. ``finish_on_recovery``: after a crash, a change that only waits for
    its confirmation is confirmed if it passes its checks; otherwise everything is taken back.
    """

    id: str
    kind: Kind
    site: str
    reason: str
    created: AwareDatetime
    author: str
    inventory_digest: str
    devices: tuple[DevicePlan, ...]
    notes: tuple[str, ...] = ()
    version: int | None = None
    finish_on_recovery: bool = True

    @property
    def nothing_to_do(self) -> bool:
        """Whether no device needs a change."""
        return all(device.nothing_to_do for device in self.devices)

    @property
    def routers(self) -> tuple[str, ...]:
        """All routers of the plan, in order."""
        return tuple(device.router for device in self.devices)

    def fits(self, inventory: Inventory) -> bool:
        """Whether nothing of the inventory that the plan depends on moved since it was made."""
        return inventory.digest_of(self.site.partition("/")[0]) == self.inventory_digest

    def device(self, router: str) -> DevicePlan:
        """The part of one router."""
        return next(device for device in self.devices if device.router == router)


@dataclass(frozen=True)
class DeviceState:
    """A router as it was read, and what it should become; the texts hold secrets and stay out of ``repr``."""

    view: SiteView
    hub: bool
    running_digest: str
    candidate_digest: str
    changes: tuple[FeatureChange, ...]
    missing_users: tuple[str, ...]
    running: str = field(repr=False)
    candidate: str = field(repr=False)

    @property
    def nothing_to_do(self) -> bool:
        return not self.changes and not self.missing_users


@dataclass(frozen=True)
class Move:
    """One router and its two configurations; ``users`` are SNMPv3 users to have, ``expects`` links to be up."""

    view: SiteView
    reason: str
    author: str
    old: str = field(repr=False)
    new: str = field(repr=False)
    users: dict[str, Secret] = field(default_factory=dict, repr=False)
    expects: frozenset[str] = frozenset()

    @property
    def router(self) -> str:
        return self.view.router.name


@dataclass(frozen=True, slots=True)
class Header:
    """What a plan says about itself."""

    id: str
    kind: Kind
    site: SiteView
    reason: str
    created: datetime
    author: str
    inventory_digest: str
    version: int | None = None


def make_plan(header: Header, states: Iterable[DeviceState]) -> Plan:
    """The plan for ``states``, the site's own router among them: hubs that change first, the site's router last.

    A router that needs nothing is left out and noted. A device expects its links to those hubs that run what is
    intended by the time that it is changed itself.
    """
    states = tuple(states)
    own = next(state for state in states if state.view.key == header.site.key)
    rest = (state for state in states if state is not own)
    others = sorted(rest, key=lambda state: (not state.hub, state.view.router.name))
    changing = [state for state in others if not state.nothing_to_do] + [own]
    ready = [state.view for state in others if state.nothing_to_do]
    devices = []
    for state in changing:
        devices.append(_device_plan(state, ready))
        ready.append(state.view)
    idle = tuple(state for state in others if state.nothing_to_do)
    notes = tuple(f"{one.view.router.name}: {'hub, ' * one.hub}already as intended" for one in idle)
    return Plan(
        id=header.id,
        kind=header.kind,
        site=header.site.key,
        reason=header.reason,
        created=header.created,
        author=header.author,
        inventory_digest=header.inventory_digest,
        devices=tuple(devices),
        notes=notes,
        version=header.version,
    )


def _device_plan(state: DeviceState, ready: list[SiteView]) -> DevicePlan:
    return DevicePlan(
        router=state.view.router.name,
        site=state.view.key,
        hub=state.hub,
        running_digest=state.running_digest,
        candidate_digest=state.candidate_digest,
        changes=state.changes,
        snmp_users=state.missing_users,
        expects=expected_links(state.view, ready),
    )


def expected_links(view: SiteView, hubs: Iterable[SiteView]) -> tuple[str, ...]:
    """The links from a site to those of ``hubs`` that are hubs of a VPN it joins [WV-3]: ``corporate 10.255.8.1``."""
    return tuple(
        link(vpn, str(hub.site.tunnels[vpn]))
        for vpn in view.vpns
        for hub in hubs
        if hub.customer.customer == view.customer.customer
        and hub.key != view.key
        and vpn in hub.vpns
        and hub.is_hub(vpn)
    )


def link(vpn: str, peer: str) -> str:
    """The name of a link: the VPN and the tunnel address of the other end."""
    return f"{vpn} {peer}"


def delivery_reason(view: SiteView, reference: str = "") -> str:
    """The order or request that a change is made for [WV-22], proved to be one that may be delivered.

    Without ``reference`` it is the site's newest accepted order; ``SSR-…`` names a simple service request.
    Raises Refused where the delivery is held: order not accepted [WV-21], licence not proved [WV-16] and the like.
    """
    held = hold_reasons(view)
    if held:
        text = "; ".join(f"{problem.message} [{problem.rule}]" for problem in held)
        raise Refused(text, where=view.key, remedy="; ".join(problem.remedy for problem in held))
    live = [order.reference for order in view.site.orders if order.status in PROVISIONABLE]
    if reference.startswith(REQUEST):
        return f"request {reference} on order {live[-1]}"
    if reference and reference not in live:
        raise Refused(
            f"{reference!r} is neither an accepted order of this site nor a request ({REQUEST}…)",
            where=view.key,
            remedy="accepted: " + ", ".join(live),
            rule="WV-22",
        )
    return f"order {reference or live[-1]}"


def described(plan: Plan) -> tuple[str, ...]:
    """The plan as lines for people; secrets are hidden in it from the start."""
    lines = [f"Plan {plan.id}: {plan.kind} {plan.site} for {plan.reason}, by {plan.author}"]
    for device in plan.devices:
        lines.append(f"{device.router} ({'hub' if device.hub else 'spoke'}):")
        if device.nothing_to_do:
            lines.append("  nothing to change")
        for change in device.changes:
            rules = f" [{', '.join(change.clauses)}]" if change.clauses else ""
            flag = " (access change, WV-22)" if change.access else ""
            lines.append(f"  {change.feature}{rules}{flag}")
            lines.extend(f"    {line}" for line in change.lines)
        lines.extend(f"  create SNMPv3 user {user}" for user in device.snmp_users)
    lines.extend(plan.notes)
    return tuple(lines)
