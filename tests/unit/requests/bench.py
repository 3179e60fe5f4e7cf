"""A workspace with requests on a real store and real files, and routers that a test scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from agent.errors import RolledBack
from agent.requests.asking import submission_of
from agent.requests.desk import Requests
from agent.requests.model import Request, State, Submission
from agent.requests.ports import Fate, Planned, RequestPorts, Worker
from agent.requests.work import RequestWork
from agent.requests.workspace import Workspace
from agent.store.audit import AuditStore
from agent.store.outbox import webhook_events
from agent.store.requests import SqlRequests
from inventory import Inventory, load_workspace

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ADD = {"vpn": "corporate", "prefix": "10.10.32.0/22", "via": "10.10.2.254"}


#: Changes a file of the workspace as a person would: file, old text, new text.
Edit = Callable[[str, str, str], None]


class Killed(BaseException):
    """The process ends here, as by kill -9: nothing after it runs."""


@dataclass
class Routers:
    """Stands for provisioning: ``running`` holds what is applied, ``endings`` what the next runs raise."""

    running: set[str] = field(default_factory=set)
    plans: dict[str, tuple[str, str]] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    endings: list[Exception | BaseException] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)
    difference: str = ""
    beside: tuple[str, ...] = ()
    busy: str = ""

    def plan(self, inventory: Inventory, request: Request) -> Planned:
        if self.refusals:
            raise self.refusals.pop(0)
        name = f"P-{len(self.plans) + 1}"
        self.plans[name] = (inventory.digest, request.reference)
        difference = self.difference or f"+{request.reference}"
        if request.reference in self.running:
            difference = ""
        return Planned(name, ("the plan", f"  {difference}"), difference, self.beside)

    def fits(self, plan: str, inventory: Inventory) -> bool:
        return self.plans[plan][0] == inventory.digest

    def in_the_way(self, plan: str) -> str:
        return self.busy

    def run(self, inventory: Inventory, plan: str, who: str) -> str:
        assert self.fits(plan, inventory), "a stale plan would be refused"
        self.runs.append(plan)
        if self.endings:
            ending = self.endings.pop(0)
            if isinstance(ending, RolledBack):
                self.fates[plan] = Fate.TAKEN_BACK
            raise ending
        self.running.add(self.plans[plan][1])
        self.fates[plan] = Fate.DONE
        return "changed, checked and confirmed"

    def fate(self, plan: str) -> Fate:
        return self.fates.get(plan, Fate.NOT_BEGUN)


@dataclass
class Bench:
    """Everything a request meets; ``now`` is the time."""

    root: Path
    engine: Engine
    routers: Routers = field(default_factory=Routers)
    now: datetime = NOON
    served: set[str] = field(default_factory=lambda: {"acme/leeds", "acme/london"})
    alive: set[str] = field(default_factory=set)

    def in_service(self, site: str) -> bool:
        return site in self.served

    @property
    def store(self) -> SqlRequests:
        return SqlRequests(self.engine)

    @property
    def intents(self) -> Workspace:
        return Workspace(self.root, self.root / "var" / "requests.lock")

    def ports(self, **other: Any) -> RequestPorts:
        fields: dict[str, Any] = {
            "store": self.store,
            "intents": self.intents,
            "service": self,
            "events": AuditStore(self.engine),
            "clock": lambda: self.now,
            "inventory": lambda: load_workspace(self.root),
        }
        return RequestPorts(**{**fields, **other})

    @property
    def desk(self) -> Requests:
        return Requests(self.ports())

    def work(self, owner: str = "me", **other: Any) -> RequestWork:
        return RequestWork(self.ports(**other), Worker(self.routers, owner, lambda name: name in self.alive))

    def submit(self, kind: str = "add_static_route", site: str = "leeds", key: str = "k", **fields: Any) -> Request:
        return self.desk.submit(asked(kind, site, key, **fields), "eve")

    def planned(self, **fields: Any) -> Request:
        """Submitted and planned: it waits for approval."""
        reference = self.submit(**fields).reference
        self.work().advance(reference)
        return self.desk.get(reference)

    def scheduled(self, **fields: Any) -> Request:
        """Submitted, planned and approved."""
        return self.desk.approve(self.planned(**fields).reference, "olive")

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    @property
    def intent(self) -> str:
        path = self.root / "customers" / "acme.requests.yaml"
        return path.read_text() if path.exists() else ""

    def told(self, reference: str = "") -> list[str]:
        """The kinds of the webhook events, in order."""
        query = select(webhook_events).order_by(webhook_events.c.position)
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [row.kind.removeprefix("request.") for row in rows if reference in ("", row.request)]


def asked(kind: str = "add_static_route", site: str = "leeds", key: str = "k", **fields: Any) -> Submission:
    parameters = fields.pop("parameters", ADD)
    document = {"kind": kind, "customer": "acme", "site": site, "key": key, "parameters": parameters, **fields}
    return submission_of(document)


def path_of(request: Request) -> list[State]:
    """The states that a request went through."""
    return [step.state for step in request.steps]
