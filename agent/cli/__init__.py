"""The command line: one Typer application; every command ends with a stated exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from agent.cli.command import USAGE, run
from agent.cli.output import Output

#: In the order of a site's life. A command's module is imported when the command is used, so that each starts quickly.
COMMANDS = {
    "init": "workspace_commands",
    "doctor": "workspace_commands",
    "inventory": "inventory_commands",
    "render": "text_commands",
    "explain": "text_commands",
    "verify": "text_commands",
    "bootstrap": "text_commands",
    "enrol": "change_commands",
    "plan": "change_commands",
    "provision": "change_commands",
    "accept": "change_commands",
    "archive": "archive_commands",
    "restore": "change_commands",
    "daemon": "watch_commands",
    "poll": "watch_commands",
    "status": "watch_commands",
    "alarms": "watch_commands",
    "incident": "watch_commands",
    "request": "request_commands",
    "api": "api_commands",
    "token": "token_commands",
    "webhook": "webhook_commands",
    "lync": "lync_commands",
    "lab": "lab_commands",
    "demo": "demo_commands",
}


class Commands(TyperGroup):
    """The commands of COMMANDS, each found in its module: a function of its name, or a group called NAME_commands."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"agent.cli.{COMMANDS[cmd_name]}")
        group = getattr(module, f"{cmd_name}_commands", None)
        if group is None:
            group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            group.command(cmd_name)(getattr(module, cmd_name))
        command = get_command(group)
        command.name = cmd_name
        return command

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run; a wrong use is a sentence for people, and a document on stdout for programs that asked for one."""
        asked = sys.argv[1:] if args is None else args
        if "--json" not in asked:
            return super().main(args, *rest, **extra)
        try:
            sys.exit(super().main(args, *rest, **{**extra, "standalone_mode": False}) or 0)
        except typer.TyperException as error:
            Output(as_json=True).failure("Usage", error.format_message(), USAGE)
            sys.exit(USAGE)


application = typer.Typer(
    cls=Commands,
    name="spokesman",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Provisions, watches and restores a provider's managed routers and Lync servers.",
)


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
