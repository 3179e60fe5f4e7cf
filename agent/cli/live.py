"""A table whose rows come one by one, with a line below that says how far it is: on a terminal that line stays last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from agent.cli.output import Output, printable, style_of

if TYPE_CHECKING:
    from rich.live import Live as Region

#: Between columns.
GAP = "  "
#: The last column has at least so much room, or others that are not needed go.
LAST = 24
#: How often the line below is drawn again, in times a second.
FRAMES = 8


class Column(NamedTuple):
    """A column and its width; ``needed`` ones stay however narrow the terminal is."""

    name: str
    width: int
    needed: bool = True


class Live:
    """Rows as they come; ``whole``: all of them, or on a terminal only those with something wrong."""

    def __init__(self, output: Output, columns: Sequence[Column], total: int, *, whole: bool) -> None:
        self._output, self._total, self._whole = output, total, whole
        self._began = 0.0
        self._width = output.look[0] if output.terminal else None
        self._columns = _fitting(columns, self._width)
        self._counts: Counter[str] = Counter()
        self._headed = False
        self._region: Region | None = None

    def __enter__(self) -> Self:
        self._began = monotonic()
        if self._output.terminal and not self._output.dumb:
            self._region = self._output.region(self._progress, FRAMES)
            self._region.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._region is not None:
            with suppress(BrokenPipeError):
                self._region.stop()

    def row(self, cells: Sequence[str], *, wrong: bool) -> None:
        """One row; on a terminal one of many with nothing wrong is only counted."""
        if not (wrong or self._whole or not self._output.terminal):
            return
        if not self._headed:
            self._headed = True
            self._output.draw([self._line([column.name for _, column in self._columns], "bold")])
        self._output.draw([self._line([cells[place] for place, _ in self._columns])])

    def count(self, answer: str) -> None:
        """One more with that answer."""
        self._counts[answer] += 1

    def _progress(self) -> Any:
        from rich.text import Text

        done = sum(self._counts.values())
        parts = ", ".join(f"{many:,} {answer.replace('_', ' ')}" for answer, many in self._counts.most_common())
        text = f"{done:,}/{self._total:,} after {monotonic() - self._began:.0f} s{': ' if parts else ''}{parts}"
        return Text(text, style="dim", no_wrap=True, overflow="ellipsis")

    def _line(self, cells: Sequence[str], style: str = "") -> list[tuple[str, str]]:
        """The cells of a row, each as wide as its column."""
        pieces = []
        for number, (cell, (_, column)) in enumerate(zip(cells, self._columns, strict=True)):
            last = number == len(self._columns) - 1
            text = printable(cell) or "-"
            text = text if last else f"{text:<{column.width}}{GAP}"
            pieces.append((text.replace("\n", " "), style or style_of(cell)))
        return pieces


def _fitting(columns: Sequence[Column], width: int | None) -> list[tuple[int, Column]]:
    """The columns that fit, with their places: those that are not needed go from the right, as many as must."""
    left = list(enumerate(columns))
    while width is not None and sum(one.width + len(GAP) for _, one in left) + LAST > width:
        spare = [one for one in left if not one[1].needed]
        if not spare:
            break
        left.remove(spare[-1])
    return left
