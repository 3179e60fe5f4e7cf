"""spokesman lync: what is done with Lync servers."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.app.watching import Watching
from agent.cli.command import Json, app_of, speaking, who
from agent.monitoring.servers.expected import of_lync

lync_commands = typer.Typer(no_args_is_help=True, add_completion=False, help="Lync servers.")

Server = Annotated[str, typer.Argument(help="The server's name in the inventory.")]


@lync_commands.command()
def baseline(context: typer.Context, server: Server, as_json: Json = False) -> None:
    """Record the services that run on a server now: what must run there from now on [LY-3]."""
    with speaking(as_json) as output:
        found = Watching(app_of(context)).lync.baseline(server, who())
        expected = of_lync(found.services)
        output.say(f"{server}: {len(found.services)} services run; these {len(expected)} are expected from now on:")
        for name in expected:
            output.say(f"  {name}")
        output.result({"server": server, "at": found.at, "expected": expected, "services": found.services})
