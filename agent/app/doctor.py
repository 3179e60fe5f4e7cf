"""What is wrong with an installation: each check says what it found and what to do, and none stops the others."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.app.app import App, utc_now
from agent.app.known import references
from agent.app.liveness import daemon_now
from agent.app.verdict import Finding, Verdict
from agent.errors import AgentError
from agent.monitoring.views import backup_verdict
from agent.store.requests import SqlRequests
from agent.store.runs import Runs
from inventory import InventoryError

#: Below this the databases may soon fail to write, in bytes.
LITTLE_ROOM = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; ``remedy`` is empty where there is nothing to do."""

    name: str
    verdict: Verdict
    text: str
    remedy: str = ""


def examine(app: App) -> Iterator[Check]:
    """All checks, each as soon as it is done; without an inventory only those that need none."""
    yield _guarded("python", _python, app)
    yield _guarded("room", _room, app)
    inventory = _guarded("inventory", _inventory, app)
    yield inventory
    if inventory.verdict is Verdict.FAILED:
        return
    from agent.app import doctor_services as services  # requests, webhooks and Lync; other commands do without

    for name, check in (
        ("secrets", _secrets), ("ping", _ping), ("store", _store), ("history", _history),
        ("interrupted changes", _interrupted),
        ("requests", _requests), ("archive", _archive), ("enrolments", _enrolments), ("backups", _backups),
        ("daemon", _daemon), ("API", services.api), ("webhooks", services.webhooks),
        ("approvals", services.approvals), ("Lync authorities", services.lync_authorities),
        ("Lync changes", services.lync_changes), ("Lync backups", services.lync_backups),
    ):  # fmt: skip
        yield _guarded(name, check, app)


def _guarded(name: str, check: Callable[[App], Finding], app: App) -> Check:
    try:
        return Check(name, *check(app))
    except InventoryError as error:
        first, *more = error.problems
        rest = f" (and {len(more)} more)" if more else ""
        return Check(name, Verdict.FAILED, f"{first}{rest}", "spokesman inventory check")
    except AgentError as error:
        place = f"{error.where}: " if error.where else ""
        return Check(name, Verdict.FAILED, f"{place}{error.message}", error.remedy)


def _python(_app: App) -> Finding:
    return Verdict.OK, f"Python {sys.version.split()[0]}", ""


def _room(app: App) -> Finding:
    try:
        app.paths.var.mkdir(exist_ok=True)
        free = shutil.disk_usage(app.paths.var).free
    except OSError as error:
        return Verdict.FAILED, f"var/ cannot be used: {error.strerror}", f"make {app.paths.var} writable"
    if not os.access(app.paths.var, os.W_OK | os.X_OK):
        return Verdict.FAILED, "var/ cannot be written", f"make {app.paths.var} writable"
    text = f"{free // (1024 * 1024)} MB free under var/"
    return (Verdict.OK, text, "") if free > LITTLE_ROOM else (Verdict.WARNING, text, "make room: databases grow")


def _inventory(app: App) -> Finding:
    inventory = app.inventory
    return Verdict.OK, f"routers: {len(inventory.router_names)}, warnings: {len(inventory.warnings)}", ""


def _secrets(app: App) -> Finding:
    wanted = references(app.inventory)
    for reference in wanted:
        app.secrets(reference)
    return Verdict.OK, f"all {len(wanted)} can be read", ""


def _ping(app: App) -> Finding:
    program = app.settings.reach.ping[0]
    if program == "{python}" or shutil.which(program):
        return Verdict.OK, sys.executable if program == "{python}" else program, ""
    return Verdict.FAILED, f"there is no program {program!r}", "install iputils-ping, or set [reach] ping"


def _store(app: App) -> Finding:
    return Verdict.OK, f"{app.engine.dialect.name} database at this release's revision", ""


def _history(app: App) -> Finding:
    from agent.app.figures import figures_of  # the history's own modules, which other commands do without

    figures_of(app)
    return Verdict.OK, "can be read and written", ""


def _interrupted(app: App) -> Finding:
    left = app.ledger.open_changes()
    if not left:
        return Verdict.OK, "none", ""
    names = ", ".join(f"{change.id} ({', '.join(change.routers)})" for change in left)
    return Verdict.WARNING, names, "spokesman doctor --finish; --abandon where a router is gone for good"


def _requests(app: App) -> Finding:
    pending = SqlRequests(app.engine).pending()
    unsure = [one for one in pending if one.needs_person]
    if unsure:
        names = ", ".join(f"{one.reference} ({one.submission.place})" for one in unsure)
        return Verdict.WARNING, f"a person is needed: {names}", f"spokesman request show {unsure[0].reference}"
    return Verdict.OK, f"{len(pending)} on their way", ""


def _archive(app: App) -> Finding:
    checked = app.archive.check()
    broken = [one for one in checked if one.fault]
    if broken:
        first = broken[0]
        text = f"{len(broken)} of {len(checked)} versions: {first.version.router} {first.version.number}: {first.fault}"
        return Verdict.FAILED, text, "spokesman archive check; is it the right master key?"
    return Verdict.OK, f"{len(checked)} versions, all whole", ""


def _enrolments(app: App) -> Finding:
    missing = [name for name in app.inventory.router_names if app.enrolments.enrolment(name) is None]
    if missing:
        return Verdict.WARNING, f"not enrolled: {', '.join(missing)}", f"spokesman enrol {missing[0]}"
    return Verdict.OK, "every router is enrolled", ""


def _backups(app: App) -> Finding:
    runs, now = Runs(app.engine).backup_runs(), utc_now()
    routers = set(app.inventory.router_names)
    failed = [run for run in runs.values() if run.failure and run.router in routers]
    if failed:
        return Verdict.FAILED, f"{failed[0].router}: {failed[0].failure}", f"spokesman archive take {failed[0].router}"
    served = (view for view in app.inventory.sites() if app.acceptances.accepted(view.key) is not None)
    late = [view.router.name for view in served if backup_verdict(runs.get(view.router.name), now) != "ok"]
    if late:
        text = f"none within a day: {', '.join(late)}"
        return Verdict.WARNING, text, f"let the daemon run, or: spokesman archive take {late[0]}"
    return Verdict.OK, "none has failed or is overdue", ""


def _daemon(app: App) -> Finding:
    row = daemon_now(app.root, app.engine, utc_now())
    return Verdict.OK if row.running else Verdict.WARNING, row.text, row.remedy
