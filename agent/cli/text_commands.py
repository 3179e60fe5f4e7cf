"""spokesman render, explain and bootstrap: the texts that routers get, before any router gets them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.command import Json, app_of, speaking
from agent.errors import Refused
from device_templates import Bootstrap, platform_of
from device_templates import explain as explained

Router = Annotated[str, typer.Argument(help="The router's name in the inventory.")]


def render(context: typer.Context, router: Router, as_json: Json = False) -> None:
    """Print the intended configuration of a router, secrets hidden."""
    with speaking(as_json) as output:
        app = app_of(context)
        view = app.inventory.router(router)
        rendered = app.rendered(view)
        for warning in rendered.warnings:
            output.note(f"warning: {warning}")
        text = platform_of(view).redact(rendered.text, app.known)
        output.say(text.rstrip("\n"))
        output.result({"router": router, "text": text, "warnings": rendered.warnings})


def explain(
    context: typer.Context,
    router: Router,
    line: Annotated[str, typer.Argument(help='A line of its configuration, such as "ip nhrp shortcut".')],
    as_json: Json = False,
) -> None:
    """Tell where a line of a router's configuration comes from: partial, feature, option and clause."""
    with speaking(as_json) as output:
        app = app_of(context)
        view = app.inventory.router(router)
        redact = platform_of(view).redact
        found = explained(app.rendered(view), line)
        if not found:
            raise Refused(
                f"the intended configuration has no line {redact(line, app.known).strip()!r}", where=router,
                remedy=f"spokesman render {router} prints it",
            )  # fmt: skip
        rows = [
            (redact(" > ".join((*(part.strip() for part in one.path), one.text.strip())), app.known),
             one.feature, one.partial, one.option, one.clause)
            for one in found
        ]  # fmt: skip
        output.table(("line", "feature", "partial", "from", "rules"), rows)
        columns = ("line", "feature", "partial", "option", "clause")
        output.result([dict(zip(columns, row, strict=True)) for row in rows])


def bootstrap(
    context: typer.Context,
    router: Router,
    stage: Annotated[int, typer.Option(help="One stage only; 0 for all.", min=0, max=9)] = 0,
    folder: Annotated[Path | None, typer.Option(help="Write one file a stage there (a USB stick), mode 600.")] = None,
    as_json: Json = False,
) -> None:
    """Print what the field engineer pastes on a blank router's console; it holds secrets."""
    with speaking(as_json) as output:
        app = app_of(context)
        with app.attempt("bootstrap", router, "day zero") as inventory:
            view = inventory.router(router)
            texts = platform_of(view).bootstrap(inventory, view, app.secrets, app.paths.overrides)
        chosen = texts.stages if stage == 0 else texts.stages[stage - 1 : stage]
        if not chosen:
            raise Refused(f"there is no stage {stage}", where=router, remedy=f"stages: 1 to {len(texts.stages)}")
        app.note_event("bootstrap", router, "day zero", f"{len(chosen)} stages shown")
        if folder is not None:
            files = _write(texts, folder)
            output.say(f"Written to {', '.join(files)}. They hold secrets: remove them when the router is in service.")
            output.result({"router": router, "files": files})
            return
        for one in chosen:
            output.say(one.text.rstrip("\n"))
        output.result({"router": router, "stages": [{"title": one.title, "text": one.text} for one in chosen]})


def _write(texts: Bootstrap, folder: Path) -> list[str]:
    files = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(texts.stages, start=1):
            path = folder / f"{texts.router}.stage{number}.txt"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
                stream.write(one.text)
            files.append(str(path))
    except OSError as error:
        raise Refused(f"cannot be written: {error.strerror}", where=str(folder)) from None
    return files
