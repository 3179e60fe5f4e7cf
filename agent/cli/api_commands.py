"""spokesman api: serve the HTTP API, or print what it is."""

from __future__ import annotations

import sys

import typer

from agent.cli.command import Json, speaking, workspace_of

api_commands = typer.Typer(add_completion=False, invoke_without_command=True)


@api_commands.callback()
def api(context: typer.Context, as_json: Json = False) -> None:
    """Serve the HTTP API for other systems until SIGTERM, by its section in spokesman.toml; --json: the log as JSON."""
    if context.invoked_subcommand is not None:
        return
    from agent.api.server import serve  # the web server is for this command only
    from agent.daemon import log_to

    log_to(sys.stdout, as_json=as_json)
    with speaking(as_json):
        serve(workspace_of(context))


@api_commands.command()
def openapi() -> None:
    """Print the API's OpenAPI document; needs no workspace."""
    from agent.api.application import described

    with speaking(as_json=True) as output:
        output.result(described())
