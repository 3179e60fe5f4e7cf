"""spokesman init and doctor: a new workspace, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.app.app import App
from agent.app.doctor import examine
from agent.app.verdict import Verdict
from agent.cli.command import REFUSED, UNCERTAIN, Json, app_of, fail, speaking, who
from agent.errors import Refused
from agent.events import Result
from agent.provisioning.recover import Recovered
from agent.scaffold import create
from inventory import InventoryError

Example = Annotated[bool, typer.Option("--example", help="With a customer: a hub and two spokes, for the lab.")]


def init(
    folder: Annotated[Path, typer.Argument(help="A new folder.")], example: Example = False, as_json: Json = False
) -> None:
    """Make a workspace: spokesman.toml, customers/, templates/, secrets/ and var/."""
    with speaking(as_json) as output:
        made = create(folder, "virtual" if example else None)
        names = [str(path.relative_to(folder)) for path in made]
        output.say(f"A workspace in {folder}: {', '.join(name for name in names if not name.startswith('secrets'))}.")
        output.say(
            "Its secrets were drawn at random, a file each in secrets/ (mode 600). Keep master-key elsewhere too."
        )
        next_step = "spokesman inventory check" if example else "edit spokesman.toml, add customers/<name>.yaml"
        output.say(f"Next: {next_step}.")
        output.result({"workspace": str(folder), "files": names})


def doctor(
    context: typer.Context,
    finish: Annotated[bool, typer.Option("--finish", help="Finish or take back interrupted changes.")] = False,
    abandon: Annotated[str, typer.Option(help="Close this uncertain change: its router is gone for good.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is abandoned, for the audit.")] = "",
    as_json: Json = False,
) -> None:
    """Say what is wrong with this installation, and what to do."""
    with speaking(as_json) as output:
        app = app_of(context, output)
        if abandon:
            if not reason:
                raise Refused("an abandoned change needs a reason", where=abandon, remedy="--reason TEXT")
            app.recovery.abandon(abandon, who=who(), why=reason)
            output.say(f"{abandon} is closed; its routers are left as they are.")
        ended = _finished(app) if finish else ()
        for one in ended:
            output.say(f"{one.plan}: {one.message}")
            for command in one.commands:
                output.say(f"  run: {command}")
        checks = list(examine(app))
        output.table(("check", "verdict", "found", "what to do"),
                     [(one.name, one.verdict, one.text, one.remedy or None) for one in checks])  # fmt: skip
        output.result({"checks": checks, "finished": ended})
        if any(one.result is Result.UNCERTAIN for one in ended):
            fail(UNCERTAIN)
        if any(one.verdict is Verdict.FAILED for one in checks):
            fail(REFUSED)


def _finished(app: App) -> tuple[Recovered, ...]:
    """Recovery, where there is an inventory to reach routers by; where there is none, the checks say so."""
    try:
        return app.recovery.recover(app.inventory)
    except InventoryError:
        return ()
