"""How commands speak: tables and lines for people, one JSON document for programs, errors on stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

# pydantic and rich are imported where they are used: programs that ask for JSON need no rich, and people no pydantic.

#: Wide enough that a line in a file or a pipe is never folded.
PIPE_WIDTH = 10_000


#: A table of more rows than this is plain, on a terminal too.
MANY = 200


def short(text: str) -> str:
    """What fits a column of a table; the whole of it is in what shows one thing, and in --json."""
    return text if len(text) <= 60 else f"{text[:57]}..."


#: What moves a terminal's cursor, colours, title or direction of writing: devices' own words may hold it.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def printable(text: str) -> str:
    """``text`` with what would act on a terminal written out, as ``\\x1b``; lines and tabs stay."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


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
    """Writes a command's result; with ``as_json`` people's text is dropped and ``result`` prints the document.

    ``lines``: the command's documents are many, each on a line of its own.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json, self.lines = as_json, False

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

    def draw(self, lines: Iterable[Sequence[tuple[str, str]]]) -> None:
        """Lines of pieces, each a text and its style, cut where the terminal ends."""
        if self.as_json:
            return
        from rich.text import Text

        for pieces in lines:
            line = Text.assemble(*((printable(text), style) for text, style in pieces))
            self._out.print(line, no_wrap=True, overflow="crop", crop=True)

    @property
    def dumb(self) -> bool:
        """Whether the terminal can only be written to, line after line."""
        return self._out.is_dumb_terminal

    def region(self, shown: Callable[[], Any], frames: int) -> Live:
        """What stays below the lines that are drawn, drawn again so many times a second; it leaves nothing behind."""
        from rich.live import Live

        return Live(
            console=self._out, get_renderable=shown, refresh_per_second=frames, transient=True, redirect_stdout=False,
            redirect_stderr=False,
        )  # fmt: skip

    @property
    def look(self) -> tuple[int, int, bool, bool]:
        """Columns and lines of the terminal (of a usual one in a pipe), and whether it has colours and Unicode."""
        size = self._out.size if self._out.is_terminal else None
        width, height = (size.width, size.height) if size else (100, 30)
        unicode = self._out.encoding.lower().startswith("utf") and not self._out.is_dumb_terminal
        return width, height, self._out.color_system is not None and not self._out.no_color, unicode

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str = "Nothing to show.") -> None:
        """Rows for people, aligned; ``empty`` is said where there are none."""
        if self.as_json:
            return
        if not rows:
            self.say(empty)
            return
        if len(rows) > MANY or not self._out.is_terminal:
            self._aligned(columns, rows)
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(_cell(value), style=style_of(value)) for value in row))
        self._out.print(table)

    def _aligned(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """The same without colours and folds: a table of ten thousand rows is too much work for what makes those."""
        lines = [tuple(columns), *(tuple(map(_cell, row)) for row in rows)]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        file = self._out.file
        for line in lines:
            cells = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
            file.write("  ".join(cells).replace("\n", " ").rstrip() + "\n")

    def result(self, document: Any) -> None:
        """The command's result as one JSON document, where one is asked for."""
        if self.as_json:
            indent = None if self.lines else 2
            sys.stdout.write(json.dumps(plain(document), indent=indent, ensure_ascii=False) + "\n")

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

    console.print(Text(printable(text), style=style), soft_wrap=True)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    return printable(str(value))


_STYLES = {
    "up": "green", "ok": "green", "passed": "green", "answered": "green", "down": "red", "failed": "red",
    "silent": "red", "suspect": "yellow", "unknown": "yellow", "unusable": "yellow", "not_asked": "yellow",
}  # fmt: skip


def style_of(value: object) -> str:
    """The style of a word that says how something is; empty: none of its own."""
    return _STYLES.get(_cell(value).lower(), "")
