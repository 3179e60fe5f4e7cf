"""The command line: one Typer application; every command ends with a stated exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.command import run
from agent.cli.inventory_commands import inventory_commands
from agent.cli.lab_commands import lab_commands
from agent.cli.workspace_commands import demo, init

application = typer.Typer(
    name="spokesman",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Provisions, watches and restores a provider's managed routers and Lync servers.",
)
application.command()(init)
application.command()(demo)
application.add_typer(inventory_commands, name="inventory")
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
