"""Requests, wired: use cases and worker on the workspace's store, and plans and runs through provisioning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.app.app import App, utc_now
from agent.app.duties import Duty
from agent.app.plan_verdict import disagreements
from agent.errors import Refused
from agent.provisioning.journal import Change, Closing
from agent.provisioning.owner import may_live, this_owner
from agent.provisioning.plan import DevicePlan, Plan, described
from agent.provisioning.planner import Planner, hubs_of
from agent.requests.desk import Requests
from agent.requests.model import Request
from agent.requests.ports import Fate, Planned, RequestPorts, Worker
from agent.requests.work import RequestWork
from agent.requests.workspace import Workspace
from agent.store.requests import SqlRequests
from device_templates import NotRenderable, Rendered, SecretUnusable, platform_of
from inventory import Inventory, InventoryError, Severity, SiteView, load_workspace

#: How often the daemon looks for requests that can move, in seconds.
PERIOD_S = 5
#: More routers than this beside the site's and its hubs are no simple service request.
MOST_ROUTERS = 20

#: What a line of a difference says to a router's platform: the router, the line.
Essential = Callable[[str, str], str]

_FATES = {
    Closing.DONE: Fate.DONE,
    Closing.UNCHANGED: Fate.UNCHANGED,
    Closing.TAKEN_BACK: Fate.TAKEN_BACK,
    Closing.UNCERTAIN: Fate.UNCERTAIN,
    Closing.ABANDONED: Fate.ABANDONED,
}


@dataclass(frozen=True)
class RouterChanges:
    """Implements ``agent.requests.ports.Changes``; ``current`` gives the workspace as the process has it open."""

    current: Callable[[], App]

    def plan(self, inventory: Inventory, request: Request) -> Planned:
        """A plan for the request's site and every router that has to follow, with the proposed inventory."""
        app = _with(self.current(), inventory)
        view = inventory.site(request.submission.place)
        wrong = [str(one) for one in disagreements(app, view) if one.severity is Severity.ERROR]
        if wrong:
            text = f"the intended configurations would not agree: {'; '.join(wrong)}"
            raise Refused(text, where=view.key, remedy="change the request, or what it conflicts with")
        asked = self._asked(app, load_workspace(app.root), view)
        also = self._followers(app, asked, view)
        planner = Planner(app.ports, app.runtime)
        plan = planner.plan(inventory, view.key, who=_who(request), reference=request.reference, also=also)
        more = tuple(filter(None, (beside(device, asked) for device in plan.devices)))
        notes = (f"beside the request: {one}" for one in more)
        return Planned(plan.id, (*described(plan), *notes), difference(plan, _essential_in(inventory)), more)

    def _asked(self, app: App, before: Inventory, view: SiteView) -> dict[str, frozenset[str]]:
        """The lines that the request itself changes, by router, of all sites that share a VPN with the site."""
        sites = {one.key: one for vpn in view.vpns for one in app.inventory.members(view.customer, vpn)}
        found = {}
        for one in sites.values():
            try:
                old, new = _rendered(app, before, before.site(one.key)), app.rendered(one)
            except (NotRenderable, SecretUnusable, InventoryError):  # it cannot be provisioned either
                continue
            changes = app.ports.texts(one).changes(new, old.text)
            if changes:
                found[one.router.name] = frozenset(line for change in changes for line in change.lines)
        return found

    def _followers(self, app: App, asked: dict[str, frozenset[str]], view: SiteView) -> tuple[str, ...]:
        """Sites in service whose routers have to change at the same time, beside the site and its hubs."""
        known = {view.key, *(hub.key for hub in hubs_of(app.inventory, view))}
        sites = (app.inventory.router(router) for router in sorted(asked))
        found = tuple(
            one.key for one in sites if one.key not in known and app.acceptances.accepted(one.key) is not None
        )
        if len(found) > MOST_ROUTERS:
            raise Refused(
                f"{len(found)} other routers have to change at the same time, at most {MOST_ROUTERS} may",
                where=view.key,
                remedy="use networks inside the VPN's summary, or order a network change",
                rule="WV-22",
            )
        return found

    def fits(self, plan: str, inventory: Inventory) -> bool:
        """Whether a stored plan was made from exactly this inventory."""
        try:
            return self.current().ports.plans.plan(plan).fits(inventory)
        except Refused:  # it cannot be read any more: it is made again
            return False

    def in_the_way(self, plan: str) -> str:
        """An open change of one of the plan's routers: its lease would refuse the plan's own."""
        app = self.current()
        routers = tuple(device.router for device in app.ports.plans.plan(plan).devices)
        found = app.ledger.open_changes(routers)
        return f"change {found[0].id} of {', '.join(found[0].routers)} is not ended yet" if found else ""

    def run(self, inventory: Inventory, plan: str, who: str) -> str:
        """Run a plan as ``spokesman provision --plan`` does."""
        app = _with(self.current(), inventory)
        outcome = app.provisioning.execute(inventory, plan, who)
        return "; ".join((outcome.message, *outcome.warnings))

    def fate(self, plan: str) -> Fate:
        """What the journal says of the newest run; one whose process is dead is finished or taken back first."""
        app = self.current()
        newest = _newest(app, plan)
        if newest is not None and newest.closing is None and _is_dead(newest):
            app.recovery.recover(load_workspace(app.root), newest.routers)
            newest = _newest(app, plan)
        if newest is None:
            return Fate.NOT_BEGUN
        return Fate.AT_WORK if newest.closing is None else _FATES[newest.closing]


def _newest(app: App, plan: str) -> Change | None:
    found = app.ledger.changes_of(plan)
    return found[-1] if found else None


def _is_dead(change: Change) -> bool:
    return change.expires <= utc_now() or not may_live(change.owner)


def _with(app: App, inventory: Inventory) -> App:
    """The same workspace and database with another inventory."""
    other = replace(app)
    other.__dict__.update(inventory=inventory, engine=app.engine)
    return other


def _rendered(app: App, inventory: Inventory, view: SiteView) -> Rendered:
    return _with(app, inventory).rendered(view)


def _who(request: Request) -> str:
    return request.approved_by or request.who


def beside(device: DevicePlan, asked: dict[str, frozenset[str]]) -> str:
    """What the plan changes on a router that the request does not: drift, or edits that were not provisioned yet."""
    wanted = asked.get(device.router, frozenset())
    features = [change.feature for change in device.changes if set(change.lines) - wanted]
    if device.snmp_users:
        features.append("SNMPv3 users")
    return f"{device.router}: {', '.join(features)}" if features else ""


def _essential_in(inventory: Inventory) -> Essential:
    return lambda router, line: platform_of(inventory.router(router)).essential(line)


def difference(plan: Plan, essential: Essential) -> str:
    """A digest of what a plan changes on which router; empty where it changes nothing."""
    changed = [
        (device.router, _by_feature(device, essential), device.snmp_users)
        for device in plan.devices
        if not device.nothing_to_do
    ]
    return hashlib.sha256(json.dumps(changed).encode()).hexdigest() if changed else ""


def _by_feature(device: DevicePlan, essential: Essential) -> list[tuple[str, list[str]]]:
    """The lines by feature without numbers that say nothing, as those of a prefix list's permits.

    Another request that was applied meanwhile moves them: a line that only moves is no difference, although its old
    one is of no feature any more.
    """
    plain = [(one.feature, [essential(device.router, line) for line in one.lines]) for one in device.changes]
    before = {line for change in device.changes for line in change.lines}
    numbered = {line for _, lines in plain for line in lines} - before
    moved = {one for one in numbered if _opposite(one) in numbered}
    kept = ((feature, [line for line in lines if line not in moved]) for feature, lines in plain)
    return [(feature, lines) for feature, lines in kept if lines]


def _opposite(line: str) -> str:
    """The line that is taken away where this one is added, or the other way round."""
    return {"+": "-", "-": "+"}.get(line[:1], "") + line[1:]


@dataclass(frozen=True)
class SitesInService:
    """Implements ``agent.requests.ports.Service``."""

    app: App

    def in_service(self, site: str) -> bool:
        """Whether the site has an operational service date [WV-20]."""
        return self.app.acceptances.accepted(site) is not None


def _ports(app: App) -> RequestPorts:
    return RequestPorts(
        store=SqlRequests(app.engine),
        intents=_intents(app),
        service=SitesInService(app),
        events=app.audit,
        clock=utc_now,
        inventory=lambda: load_workspace(app.root),
    )


def requests_of(app: App) -> Requests:
    """The use cases on a workspace."""
    return Requests(_ports(app))


def _intents(app: App) -> Workspace:
    return Workspace(app.root, app.paths.var / "requests.lock")


def work_of(app: App, current: Callable[[], App] | None = None) -> RequestWork:
    """The worker on a workspace; ``current`` where the process replaces its App when the inventory changes."""
    changes = RouterChanges(current or (lambda: app))
    return RequestWork(_ports(app), Worker(changes, this_owner(), may_live))


def request_duty(current: Callable[[], App]) -> Duty:
    """The daemon's duty: move requests on."""
    worker: list[RequestWork] = []

    def run(_: Inventory) -> None:
        if not worker:
            worker.append(work_of(current(), current))
        try:
            worker[0].begin()
        except InventoryError:
            return  # the daemon has raised an alarm for it, with file and line; requests wait for its end

    return Duty("requests", PERIOD_S, run)
