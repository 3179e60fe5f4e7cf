"""What `doctor` looks at of what an installation offers beside its routers: the API, webhooks, Lync."""

from __future__ import annotations

import ssl
from pathlib import Path

from agent.app.api_tls import refuse_clear_text, tls
from agent.app.app import App, utc_now
from agent.app.lync import LyncDesk, exported
from agent.app.verdict import Finding, Verdict
from agent.app.webhooks import Line
from agent.monitoring.views import backup_verdict
from agent.requests.catalogue import kinds
from agent.store.lync import LyncChanges
from agent.store.runs import Runs


def api(app: App) -> Finding:
    """Whether `spokesman api` could listen."""
    settings = app.settings.api
    context = tls(settings, app.root)
    refuse_clear_text(settings, encrypted=context is not None)
    scheme = "http" if context is None else "https"
    return Verdict.OK, f"would listen on {scheme}://{settings.listen}:{settings.port}", ""


def webhooks(app: App) -> Finding:
    """Whether each receiver's secrets and authorities can be used."""
    receivers = app.settings.webhooks
    Line(app, receivers, app.secrets).check()
    return Verdict.OK, f"{len(receivers)} receivers" if receivers else "no receiver is named", ""


def approvals(app: App) -> Finding:
    """Whether [requests] approval speaks of kinds that there are."""
    unknown = sorted(set(app.settings.requests.approval) - set(kinds()))
    if unknown:
        text = f"spokesman.toml: requests.approval: no kind of request is called {', '.join(unknown)}"
        return Verdict.WARNING, text, "spokesman request catalogue names them"
    return Verdict.OK, f"{len(kinds())} kinds in the catalogue", ""


def lync_authorities(app: App) -> Finding:
    """Whether the file that Lync servers' certificates are checked against can be used."""
    name = app.settings.lync.ca_file
    if not name:
        return Verdict.OK, "the system's authorities count", ""
    problem = _unusable(app.root / name)
    if problem:
        text = f"spokesman.toml: lync.ca_file: {name}: {problem}; no Lync server's certificate can be trusted"
        return Verdict.WARNING, text, "put the authorities' certificates there (PEM), or remove the setting"
    return Verdict.OK, name, ""


def _unusable(path: Path) -> str:
    """Why no certificate can be checked against a file; empty: one can."""
    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        return "holds no PEM certificates"
    except OSError as error:
        return error.strerror or "cannot be read"
    return ""


def lync_changes(app: App) -> Finding:
    """Changes of Lync that have not ended."""
    left = LyncChanges(app.engine).open_changes()
    if not left:
        return Verdict.OK, "none", ""
    names = ", ".join(f"{change.kind} {change.subject} ({change.server})" for change in left)
    return Verdict.WARNING, names, "spokesman lync apply --recover"


def lync_backups(app: App) -> Finding:
    """Whether every kept backup opens, and those that were ordered are taken [LY-7]."""
    desk = LyncDesk(app)
    kept = desk.backups()
    for one in kept:
        desk.contents(one.server, one.number)
    runs, now = Runs(app.engine).backup_runs(), utc_now()
    failed = [
        (view.name, run.failure) for view in app.inventory.servers() if (run := runs.get(view.name)) and run.failure
    ]
    if failed:
        name, failure = failed[0]
        return Verdict.FAILED, failure, f"spokesman lync backup {name}"
    late = [
        view.name
        for view in app.inventory.servers()
        if exported(view) and backup_verdict(runs.get(view.name), now) != "ok"
    ]
    if late:
        text = f"none within a day: {', '.join(late)}"
        return Verdict.WARNING, text, f"let the daemon run, or: spokesman lync backup {late[0]}"
    return Verdict.OK, f"{len(kept)} kept, all open" if kept else "none is kept", ""
