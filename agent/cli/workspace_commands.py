"""spokesman init and doctor: a new workspace, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.app.doctor import Verdict, examine
from agent.cli.command import REFUSED, Json, app_of, fail, speaking
from agent.scaffold import create

Example = Annotated[bool, typer.Option("--example", help="With a customer: a hub and two spokes, for the lab.")]


def init(
    folder: Annotated[Path, typer.Argument(help="A new folder.")], example: Example = False, as_json: Json = False
) -> None:
    """Make a workspace: spokesman.toml, customers/, templates/, secrets/ and var/."""
    with speaking(as_json) as output:
        made = create(folder, example=example)
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
    as_json: Json = False,
) -> None:
    """Say what is wrong with this installation, and what to do."""
    with speaking(as_json) as output:
        app = app_of(context, output)
        if finish:
            for ended in app.recovery.recover(app.inventory):
                output.say(f"{ended.plan}: {ended.message}")
        checks = list(examine(app))
        output.table(("check", "verdict", "found", "what to do"),
                     [(one.name, one.verdict, one.text, one.remedy or None) for one in checks])  # fmt: skip
        output.result(checks)
        if any(one.verdict is Verdict.FAILED for one in checks):
            fail(REFUSED)
