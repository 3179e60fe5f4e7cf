"""spokesman demo: the whole main job in the lab."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent.cli.command import Json, speaking
from agent.demo import dmvpn, story
from agent.lab.real.guest import Guest
from agent.lab.real.machine import check
from agent.scaffold import create


def demo(
    folder: Annotated[Path | None, typer.Argument(help="Where to play; default: a temporary folder.")] = None,
    real: Annotated[
        bool, typer.Option("--real", help="With real Linux routers in a kernel of their own; root.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Play the main job with a hub and two spokes, and check every claim; in the lab no root is needed."""
    with speaking(as_json) as output, tempfile.TemporaryDirectory(prefix="spokesman-demo-") as temporary:
        if real:
            check(Guest())  # before anything is written: once the rest is installed, the same words are to work
        workspace = folder or Path(temporary) / "workspace"
        create(workspace, "real" if real else "virtual")
        console = Console(stderr=as_json, highlight=False, markup=False, width=None if output.terminal else 200)
        seconds = (dmvpn if real else story).play(workspace, console)
        output.say(f"\nThe demonstration holds: {seconds:.0f} s.", style="bold green")
        output.result({"workspace": str(workspace), "seconds": round(seconds, 1)})
