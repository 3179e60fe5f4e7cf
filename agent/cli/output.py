"""How commands speak: tables and lines for people, one JSON document for programs, errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# pydantic and rich are imported where they are used: programs that ask for JSON need no rich, and people no pydantic.

#: Wide enough that a line in a file or a pipe is never folded.
PIPE_WIDTH = 10_000


def short(text: str) -> str:
    """What fits a column of a table; the whole of it is in what shows one thing, and in --json."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it."""
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(item) for key, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        return [plain(item) for item in value]
    return str(value)


class Output:
    """Writes a command's result; with ``as_json`` people's text is dropped and ``result`` prints the document."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    @cached_property
    def _out(self) -> Console:
        return _console(sys.stdout)

    @cached_property
    def _err(self) -> Console:
        return _console(sys.stderr)

    @property
    def terminal(self) -> bool:
        """Whether a person watches."""
        return not self.as_json and self._out.is_terminal

    def say(self, text: str = "", style: str = "") -> None:
        """A line or more for people, printed as it is: no markup, no folding."""
        if not self.as_json:
            _line(self._out, text, style)

    def note(self, text: str, style: str = "yellow") -> None:
        """A line on stderr: progress, a warning; never part of the result."""
        _line(self._err, text, style)

    def progress(self, text: str) -> None:
        """A step of long work, on stderr; programs that asked for JSON are not told."""
        if not self.as_json:
            self.note(f"  {text}", style="dim")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str = "Nothing to show.") -> None:
        """Rows for people, aligned; ``empty`` is said where there are none."""
        if self.as_json:
            return
        if not rows:
            self.say(empty)
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(_cell(value), style=_style(value)) for value in row))
        self._out.print(table)

    def result(self, document: Any) -> None:
        """The command's result as one JSON document, where one is asked for."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(document), indent=2, ensure_ascii=False) + "\n")

    def error(self, error: BaseException, exit_code: int) -> None:
        """What went wrong: on stderr for people, as a document on stdout for programs."""
        if self.as_json:
            fields = {
                key: getattr(error, key) for key in ("where", "remedy", "rule", "commands") if getattr(error, key, "")
            }
            problems = getattr(error, "problems", None)
            if problems:
                fields["problems"] = problems
            self.failure(type(error).__name__, getattr(error, "message", str(error)), exit_code, **fields)
            return
        _line(self._err, str(error), "red")

    def failure(self, kind: str, message: str, exit_code: int, **fields: Any) -> None:
        """The document of a command that failed, where one is asked for."""
        self.result({"error": {"kind": kind, "message": message, "exit_code": exit_code, **fields}})


def _console(stream: Any) -> Console:
    from rich.console import Console

    width = None if stream.isatty() else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False)


def _line(console: Console, text: str, style: str) -> None:
    from rich.text import Text

    console.print(Text(text, style=style), soft_wrap=True)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    return str(value)


def _style(value: object) -> str:
    styles = {"up": "green", "ok": "green", "passed": "green", "down": "red", "failed": "red", "unknown": "yellow"}
    return styles.get(_cell(value).lower(), "")
