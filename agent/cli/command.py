"""What every command shares: its options, the workspace it acts on, and how errors become exit codes."""

from __future__ import annotations

import getpass
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from agent.cli.output import Output
from agent.errors import AgentError

if TYPE_CHECKING:
    from agent.app.app import App

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Reason = Annotated[
    str, typer.Option("--reason", help="The order or request that asks for it; default: the site's accepted order.")
]

DONE, REFUSED, USAGE, NOT_REACHED, ROLLED_BACK, UNCERTAIN = range(6)
#: As shells say it: 128 and the number of SIGINT. Only where nothing was begun; else the change's own code is given.
INTERRUPTED = 130


def who() -> str:
    """The person behind this process, for the audit: the one who called sudo rather than root."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def exit_code_of(error: BaseException) -> int | None:
    """The exit code that an error of ours stands for; None for one that is not ours."""
    if isinstance(error, AgentError):
        return error.exit_code
    # The roots of the other packages' error trees, with all that these packages are: for a command that failed.
    from agent.lab.errors import LabError
    from device_templates import TemplatesError
    from inventory import InventoryError

    if isinstance(error, InventoryError | LabError | TemplatesError):
        return REFUSED
    return None


def workspace_of(context: typer.Context) -> Path:
    """The workspace that the command is for; ConfigurationProblem where there is none."""
    from agent.config import find_workspace  # with the whole inventory, which listing commands does without

    return find_workspace(context.obj)


def app_of(context: typer.Context, output: Output | None = None) -> App:
    """The workspace that the command is for; progress is told on ``output``."""
    from agent.app.app import App  # all that a change needs; commands of the lab do without

    progress = output.progress if output is not None else (lambda _text: None)
    return App(workspace_of(context), who(), progress)


@contextmanager
def speaking(as_json: bool) -> Iterator[Output]:
    """Run a command's body; an error of ours is told in its own words and ends with its code."""
    output = Output(as_json=as_json)
    try:
        yield output
    except KeyboardInterrupt:
        stopped = AgentError("interrupted", remedy="`spokesman doctor` says whether anything is left to finish")
        output.error(stopped, INTERRUPTED)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except (typer.Exit, typer.TyperException):
        raise
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        output.error(error, code)
        raise typer.Exit(code) from None


def fail(code: int) -> NoReturn:
    """End a command whose result was printed already with ``code``."""
    raise typer.Exit(code)


def run(application: Callable[[], object], crash_folder: Path | None = None) -> int:
    """Run the program; a fault of our own becomes one sentence and a file, never a traceback on the screen."""
    try:
        application()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    except Exception:  # noqa: BLE001 - the last line of defence: whatever it is, the person gets a sentence and a code
        place = _keep_crash(crash_folder or Path.cwd())
        told = f"a fault of its own; please report it. Details: {place}"
        sys.stderr.write(f"spokesman: {told}\n")
        Output(as_json="--json" in sys.argv).failure("Fault", told, REFUSED)
        return REFUSED
    return DONE


def _keep_crash(folder: Path) -> str:
    text = traceback.format_exc()
    try:
        path = folder / "spokesman-crash.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        return text
    return str(path)
