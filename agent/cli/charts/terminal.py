"""A chart as lines of text: Braille patterns, or a mark a series where there is no colour or no Unicode. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from agent.cli.charts.chart import Axis, Chart, Dot, Line, scaled, summary, time_marks, value_axis, written

#: What series are told apart by: the terminal's own colours, and marks.
COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "red", "bright_cyan", "bright_yellow")
MARKS, PLAIN_MARKS = "•+×o◆#%@", "*+xo$#%@"
#: The dots of a Braille pattern, by row and column.
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
LEAST_WIDTH, LEAST_HEIGHT = 30, 4


class Piece(NamedTuple):
    """A part of a line of text in one style."""

    text: str
    style: str = ""


class Look(NamedTuple):
    """What the terminal can show, in cells."""

    width: int
    height: int
    colour: bool
    unicode: bool


def drawn(chart: Chart, look: Look) -> Iterator[tuple[Piece, ...]]:
    """The chart, line by line."""
    height = max(LEAST_HEIGHT, look.height)
    axis = value_axis(chart.lines, max(1, height // 3))
    divisor, unit = scaled(axis, chart.unit)
    labels = {round((1 - axis.up(tick)) * (height - 1)): written(tick / divisor) for tick in axis.ticks}
    margin = max(map(len, labels.values()))
    width = max(LEAST_WIDTH, look.width) - margin - 2
    bar, cross, rule, corner, tick = "│┤─└┬" if look.unicode else "|+-++"
    yield (Piece(chart.title, "bold"),)
    yield (Piece(f"{' ' * margin} {unit}".rstrip()),) if unit else (Piece(""),)
    for row, pieces in enumerate(_canvas(chart, axis, (width, height), look)):
        yield Piece(f"{labels.get(row, ''):>{margin}} {cross if row in labels else bar}"), *pieces
    marks, names = _below(chart, width, (rule, tick))
    yield (Piece(f"{' ' * margin} {corner}{marks}"),)
    yield (Piece(f"{' ' * (margin + 2)}{names}".rstrip()),)
    yield from _legend(chart, look, divisor, unit)
    known = f"times in {chart.zone_name}, {_day(chart)}"
    yield (Piece(f"{known}; {chart.note}" if chart.note else known, "dim"),)


def _day(chart: Chart) -> str:
    first, last = (at.astimezone(chart.zone) for at in (chart.since, chart.until))
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"


def _legend(chart: Chart, look: Look, divisor: float, unit: str) -> Iterator[tuple[Piece, ...]]:
    for number, line in enumerate(chart.lines):
        mark, style = _mark(number, len(chart.lines), look)
        yield Piece(f"  {mark} ", style), Piece(f"{line.name}: {summary(line, divisor, unit)}")


def _mark(number: int, series: int, look: Look) -> tuple[str, str]:
    """What a series is drawn with: in Braille where it is alone or has a colour."""
    style = COLOURS[number % len(COLOURS)] if look.colour else ""
    if look.unicode and (look.colour or series == 1):
        return "⣿", style
    return (MARKS if look.unicode else PLAIN_MARKS)[number % len(MARKS)], style


def _canvas(chart: Chart, axis: Axis, size: tuple[int, int], look: Look) -> Iterator[tuple[Piece, ...]]:
    """The plot itself, row by row; of two series in one cell the later one is seen."""
    width, height = size
    cells: list[list[tuple[int, int]]] = [[(-1, 0)] * width for _ in range(height)]
    for number, line in enumerate(chart.lines):
        fine = _mark(number, len(chart.lines), look)[0] == "⣿"
        wide, high = (2, 4) if fine else (1, 1)
        for x, y in _dots(line, chart, axis, (width * wide, height * high)):
            row, column = y // high, x // wide
            former = cells[row][column]
            bits = _BRAILLE[y % 4][x % 2] if fine else 0
            cells[row][column] = number, bits | (former[1] if former[0] == number else 0)
    for cells_of_row in cells:
        yield tuple(_pieces(cells_of_row, lambda number: _mark(number, len(chart.lines), look)))


def _pieces(cells: list[tuple[int, int]], mark: Callable[[int], tuple[str, str]]) -> Iterator[Piece]:
    text, style = "", ""
    for number, bits in cells:
        sign, colour = mark(number) if number >= 0 else (" ", style)
        if colour != style and text:
            yield Piece(text, style)
            text = ""
        style = colour
        text += chr(0x2800 + bits) if bits else sign
    yield Piece(text.rstrip(), style)


def _dots(line: Line, chart: Chart, axis: Axis, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The cells that a series goes through; nothing between two values with something unknown between them."""
    width, height = size

    def place(dot: Dot) -> tuple[int, int]:
        x = round(chart.across(dot.at) * (width - 1))
        y = round((1 - axis.up(dot.value or 0.0)) * (height - 1))
        return min(max(x, 0), width - 1), min(max(y, 0), height - 1)

    for run in line.runs:
        places = [place(dot) for dot in run]
        yield places[0]
        for (x0, y0), (x1, y1) in pairwise(places):
            steps = max(abs(x1 - x0), abs(y1 - y0), 1)
            for step in range(1, steps + 1):
                yield round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps)


def _below(chart: Chart, width: int, signs: tuple[str, str]) -> tuple[str, str]:
    """The time axis, and what is written under it: each mark where there is room for its text."""
    rule, tick = signs
    marks, names, end = [rule] * width, [" "] * width, -1
    for at, text in time_marks(chart, max(1, width // 10)):
        x = round(chart.across(at) * (width - 1))
        first = min(max(0, x - len(text) // 2), width - len(text))
        if first <= end:
            continue
        marks[x] = tick
        names[first : first + len(text)] = text
        end = first + len(text)
    return "".join(marks), "".join(names)
