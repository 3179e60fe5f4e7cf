"""The command line: one Typer application; every command ends with a stated exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from agent.cli.command import USAGE, run
from agent.cli.output import Output

#: In the order of a site's life: the module of each command, and what its own help begins with. A command's module is
#: imported when the command is used, and never to list it, so that each starts quickly.
COMMANDS = {
    "init": ("workspace_commands", "Make a workspace: spokesman.toml, customers/, templates/, secrets/ and var/."),
    "doctor": ("workspace_commands", "Say what is wrong with this installation, and what to do."),
    "inventory": ("inventory_commands", "What is managed, and whether it may be."),
    "render": ("text_commands", "Print the intended configuration of a router, secrets hidden."),
    "explain": (
        "text_commands",
        "Tell where a line of a router's configuration comes from: partial, feature, option and clause.",
    ),
    "verify": ("verify_commands", "Prove from configurations that tunnels will form and what was ordered is kept."),
    "bootstrap": (
        "text_commands",
        "Print what the field engineer pastes on a blank router's console; it holds secrets.",
    ),
    "enrol": (
        "change_commands",
        "Record serial number and host key of the router that answers at the management address.",
    ),
    "plan": (
        "change_commands",
        "Show what would change on which routers, grouped by what it does for the service, and store the plan.",
    ),
    "provision": (
        "change_commands",
        "Bring a site to what is intended: archive, timed replace, check, confirm; on any failure, back.",
    ),
    "accept": (
        "change_commands",
        "Run the standard tests; when they pass, the site's operational service date is set, once [WV-20].",
    ),
    "archive": ("archive_commands", "The three most recent configurations of each router."),
    "restore": (
        "change_commands",
        "Put an archived configuration back with the safety of a provision, and prove that running equals archived.",
    ),
    "daemon": (
        "watch_commands",
        "Watch the fleet until SIGTERM: polls, alarms, incidents, diagnostics, daily backups, /metrics.",
    ),
    "poll": (
        "poll_commands",
        "Poll now, once, and show what came back; states and alarms follow as from the daemon's polls.",
    ),
    "status": (
        "status_commands",
        "Show every router and Lync server: up, down or unknown, since when, alarms, and the routers' last backup.",
    ),
    "graph": (
        "graph_commands",
        "Draw metrics of a router over time, in the terminal or as SVG; without one, list those there are.",
    ),
    "service-level": (
        "level_commands",
        "Prove from what is kept that every router was polled at least every 300 s, or show the gaps [WV-10].",
    ),
    "alarms": ("watch_commands", "Show active alarms, and why an incident was opened for them or not."),
    "incident": ("watch_commands", "Incidents: what is wrong, and what was found."),
    "request": ("request_commands", "Simple service requests: predefined changes of routers."),
    "api": (
        "api_commands",
        "Serve the HTTP API for other systems until SIGTERM, by its section in spokesman.toml; "
        "--json: the log as JSON.",
    ),
    "token": ("token_commands", "Who may use the API, and for what."),
    "webhook": ("webhook_commands", "Webhooks: who is told of request states, and what waits."),
    "lync": ("lync_commands", "Configure, back up and restore Lync servers."),
    "lab": ("lab_commands", "Virtual routers over real SSH, SCP and SNMP."),
    "demo": (
        "demo_commands",
        "Play the main job with a hub and two spokes, and check every claim; in the lab no root is needed.",
    ),
}


class Later(TyperCommand):
    """A command as it is listed; what is run is found in its module: a function of its name, or NAME_commands."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself, whose module is imported now."""
        return command(str(self.name)).make_context(info_name, args, parent, **extra)


def command(name: str) -> Any:
    """The command of that name of COMMANDS, ready to run."""
    module = import_module(f"agent.cli.{COMMANDS[name][0]}")
    group = getattr(module, f"{name.replace('-', '_')}_commands", None)
    if group is None:
        group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        group.command(name)(getattr(module, name.replace("-", "_")))
    found = get_command(group)
    found.name = name
    return found


class Commands(TyperGroup):
    """The commands of COMMANDS."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        return Later(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None

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
