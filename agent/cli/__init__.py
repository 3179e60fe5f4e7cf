"""The command line: one Typer application; every command ends with a stated exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.archive_commands import archive_commands
from agent.cli.change_commands import accept, enrol, plan, provision, restore
from agent.cli.command import run
from agent.cli.inventory_commands import inventory_commands
from agent.cli.lab_commands import lab_commands
from agent.cli.text_commands import bootstrap, explain, render, verify
from agent.cli.watch_commands import alarms, daemon, incident_commands, poll, status
from agent.cli.workspace_commands import demo, doctor, init

application = typer.Typer(
    name="spokesman",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Provisions, watches and restores a provider's managed routers and Lync servers.",
)
for command in (
    init, doctor, render, explain, bootstrap, enrol, verify, plan, provision, accept, restore, poll, status, alarms,
    daemon, demo,
):  # fmt: skip
    application.command()(command)
application.add_typer(inventory_commands, name="inventory")
application.add_typer(archive_commands, name="archive")
application.add_typer(incident_commands, name="incident")
application.add_typer(lab_commands, name="lab")


@application.callback()
def root(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="Default: $SPOKESMAN_WORKSPACE, or the nearest one upward."),
    ] = None,
) -> None:
    """Remember which workspace the whole program is for."""
    context.obj = workspace


def main() -> None:
    """The program ``spokesman``."""
    sys.exit(run(application))
