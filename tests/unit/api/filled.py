"""A workspace with two customers and something of everything that the API shows; its secrets are known to the tests."""

from __future__ import annotations

import atexit
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp

from agent.app.app import App
from agent.app.requests import requests_of
from agent.app.serving import Serving
from agent.app.tokens import Tokens, Wish
from agent.events import Event, Result
from agent.faults.evidence import Evidence, Finding, Probe
from agent.incidents.incident import Entry, Incident, Status, Step
from agent.monitoring.alarms import AlarmKey, Kind, Raise, Verdicts
from agent.provisioning.acceptance import Report, Verdict
from agent.provisioning.plan import DevicePlan, FeatureChange, Plan
from agent.provisioning.plan import Kind as PlanKind
from agent.provisioning.ports import PlanTexts
from agent.requests.model import Submission
from agent.scaffold import create
from agent.store.base import write
from agent.store.incidents import Incidents, save
from agent.store.plans import SqlPlans
from agent.store.states import States
from agent.tokens import Role
from inventory import load_workspace

#: In the examples' order: this customer's names in the second one's file are replaced.
_SECOND = (
    ("acme-lync-fe1", "bolt-lync-fe1"), ("acme-lon-r1", "bolt-lon-r1"), ("acme-lee-r1", "bolt-lee-r1"),
    ("acme-yor-r1", "bolt-yor-r1"), ("customer: acme", "customer: bolt"), ("Acme Ltd", "Bolt Ltd"),
    ("acme.example", "bolt.example"), ("ORD-1", "ORD-2"), ("FCZ0000A0B", "FCZ0000B0B"), ("10.254.0.", "10.254.1."),
    ("10.255.8.", "10.255.24."), ("10.255.16.", "10.255.32."), ("10.10.", "10.30."), ("10.20.", "10.40."),
    ("198.51.100.1", "198.51.100.13"), ("198.51.100.9", "198.51.100.129"), ("65010", "65030"), ("65020", "65040"),
    ("id: 10", "id: 30"), ("id: 20", "id: 40"), ("+442079460001", "+442079460002"),
)  # fmt: skip

LIMITS = """
[api]
port = 0
token_rate = {per_second = 10000, burst = 10000}
address_rate = {per_second = 10000, burst = 10000}
failure_rate = {per_second = 10000, burst = 10000}
"""
SETTINGS = "spokesman.toml"
MOMENT = datetime(2026, 12, 2, 9, 56, tzinfo=UTC)


@dataclass(frozen=True)
class Filled:
    """A workspace; ``secrets`` are all values that no answer may hold, ``hidden`` what customers must not read."""

    root: Path

    @property
    def serving(self) -> Serving:
        """The workspace as the API serves it."""
        return Serving(self.root)

    @property
    def secrets(self) -> frozenset[str]:
        """The values of all secrets of the workspace."""
        return frozenset(path.read_text().strip() for path in (self.root / "secrets").iterdir() if path.is_file())

    def token(self, role: Role, customer: str = "", *sites: str, name: str = "", days: float = 1) -> str:
        """A new token of its own name."""
        tokens = Tokens(self.serving.engine)
        expires = datetime.now(UTC) + timedelta(days=days)
        wish = Wish(name or f"{role.value}-{len(tokens.list())}", role, customer, sites, expires)
        return tokens.add(wish, load_workspace(self.root), "tests")[1]


def filled(root: Path, limits: str = LIMITS) -> Filled:
    """Make the workspace at ``root``, a folder that does not exist yet."""
    shutil.copytree(_made() / "workspace", root)
    with (root / SETTINGS).open("a") as settings:
        settings.write(limits)
    return Filled(root)


@cache
def _made() -> Path:
    """A folder with the workspace, made once by a process: to fill it takes longer than most tests do."""
    folder = Path(mkdtemp(prefix="filled-"))
    atexit.register(shutil.rmtree, folder)
    root = folder / "workspace"
    create(root, "virtual")
    first = (root / "customers" / "acme.yaml").read_text()
    for old, new in _SECOND:
        first = first.replace(old, new)
    (root / "customers" / "bolt.yaml").write_text(first)
    app = App(root, "ann")
    _fill(app)
    app.engine.dispose()  # SQLite puts all into the one file when it is closed
    return folder


def _fill(app: App) -> None:
    _incidents(app)
    _archive(app)
    _plans(app)
    app.audit.record(Event(MOMENT, "ann", "plan", "acme/leeds", "ORD-1002", Result.DONE, "P-00000001"))
    for customer in ("acme", "bolt"):
        for site in ("leeds", "london"):
            report = Report(
                site=f"{customer}/{site}", router=f"{customer}-{site[:3]}-r1", reason="order", at=MOMENT, by="ann",
                verdict=Verdict.PASSED, tests=(),
            )  # fmt: skip
            app.acceptances.record(report)
        submission = Submission(
            kind="change_snmp_feed_hosts", customer=customer, site="london", parameters={}, key=f"first-{customer}"
        )
        parameters = {"hosts": ["10.10.1.60" if customer == "acme" else "10.30.1.60"]}
        requests_of(app).submit(submission.model_copy(update={"parameters": parameters}), "ann")


def _incidents(app: App) -> None:
    """One for three sites, each with an alarm; the last is cleared. Evidence quotes other routers and addresses."""
    raised = []
    with write(app.engine) as connection:
        for number, (customer, site) in enumerate((("acme", "leeds"), ("acme", "london"), ("bolt", "leeds")), start=1):
            view = app.inventory.site(f"{customer}/{site}")
            key = AlarmKey(view.router.name, Kind.ROUTER_UNREACHABLE)
            raised.append(Raise(key, MOMENT, MOMENT, f"no answer at {view.router.management.address}"))
            cleared = MOMENT + timedelta(hours=1) if number > 1 else None
            incident = Incident(
                reference=f"INC-{number:06d}",
                subject=view.router.name,
                site=view.key,
                summary=f"{view.router.name} does not answer",
                status=Status.CLEARED if cleared else Status.OPEN,
                opened_at=MOMENT,
                first_failed_at=MOMENT,
                cleared_at=cleared,
                cause=f"seen from {customer}-lon-r1 at {view.router.management.address}",
                timeline=(Entry(MOMENT, Step.OPENED, "spokesman", "asked through bolt-lon-r1"),),
            )
            save(connection, ((None, incident),))
    States(app.engine).apply(Verdicts(raised=tuple(raised), cleared=()))
    store = Incidents(app.engine)
    for number, customer in ((1, "acme"), (2, "acme"), (3, "bolt")):
        for source in (f"{customer}-lon-r1", f"{customer}-lee-r1", "here"):
            found = Evidence(
                probe=Probe.PING_WAN,
                source=source,
                target=f"{customer}-lee-r1",
                at=MOMENT,
                finding=Finding.BAD,
                text=f"PLANTED evidence text of {source}",
            )
            store.add_evidence(f"INC-{number:06d}", (found,))


def _archive(app: App) -> None:
    """Two versions of three routers, with all the secrets that an intended configuration holds."""
    for router in ("acme-lon-r1", "acme-lee-r1", "bolt-lon-r1"):
        text = app.rendered(app.inventory.router(router)).text
        for name in ("first", "second"):
            whole = text.replace("\nline con 0", f"\nip host {name} 192.0.2.1\nline con 0")
            app.archive.take(router, partial(str, whole), author="ann", reason=name)


def _plans(app: App) -> None:
    for number, (customer, site) in enumerate((("acme", "leeds"), ("bolt", "leeds")), start=1):
        change = FeatureChange(feature="vpn_routes", clauses=("WV-6",), lines=("+ ip route 10.0.0.0 255.0.0.0 Null0",))
        devices = tuple(
            DevicePlan(
                router=f"{customer}-{name[:3]}-r1", site=f"{customer}/{name}", hub=name == "london",
                running_digest="0", candidate_digest="1", changes=(change,),
            )
            for name in ("london", site)
        )  # fmt: skip
        plan = Plan(
            id=f"P-0000000{number}", kind=PlanKind.PROVISION, site=f"{customer}/{site}", reason="order ORD-1",
            created=MOMENT + timedelta(minutes=number), author="ann", inventory_digest="0", devices=devices,
        )  # fmt: skip
        SqlPlans(app.engine, app.cipher).save(plan, {one.router: PlanTexts("running", "candidate") for one in devices})
