"""A chart as SVG: one file that needs no other, names itself to screen readers, and suits light and dark. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from agent.cli.charts.chart import Axis, Chart, Line, scaled, summary, time_marks, value_axis, written

WIDTH, PLOT_HEIGHT = 960, 300
LEFT, RIGHT, TOP, LEGEND_ROW = 76, 24, 68, 22
#: Colours by series for light and for dark, told apart with any colour vision; dashes tell them apart without colour.
COLOURS = (
    ("#0b62a4", "#6cb8f0"), ("#b35900", "#ffb357"), ("#7a3e9d", "#cf9cf0"), ("#1a7f4b", "#63d69b"),
    ("#b3254b", "#ff8fab"), ("#5b5b00", "#d6d65c"), ("#00707a", "#5fd6e0"), ("#6b4a2f", "#d9b394"),
)  # fmt: skip
#: Ground, text, what is less important and the grid, for light and for dark.
PAPER = (("#ffffff", "#1b1f24", "#57606a", "#d8dee4"), ("#14181d", "#e6edf3", "#9aa4af", "#30363d"))
DASHES = ("", "7 3", "2 3", "10 3 2 3", "1 4", "12 4", "5 5", "3 2 8 2")


def svg(chart: Chart) -> str:
    """The file's text."""
    axis = value_axis(chart.lines, 6)
    divisor, unit = scaled(axis, chart.unit)
    height = TOP + PLOT_HEIGHT + 54 + LEGEND_ROW * len(chart.lines) + 14
    told = "; ".join(f"{line.name}: {summary(line, divisor, unit)}" for line in chart.lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' role="img" aria-labelledby="title description">',
        f'<title id="title">{_text(chart.title)}</title>',
        f'<desc id="description">{_text(f"{_span(chart)}. {told}.")}</desc>',
        _style(len(chart.lines)),
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{LEFT}" y="28">{_text(chart.title)}</text>',
        f'<text class="small" x="{LEFT}" y="50">{_text(_under_title(chart, unit))}</text>',
        *_grid(chart, axis, divisor),
        *(part for number, line in enumerate(chart.lines) for part in _line(number, line, chart, axis)),
        *_legend(chart, divisor, unit),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _style(series: int) -> str:
    def sheet(dark: int) -> str:
        ground, ink, faint, grid = PAPER[dark]
        rules = f".ground{{fill:{ground}}}text{{fill:{ink}}}.small{{fill:{faint}}}.grid{{stroke:{grid}}}"
        colours = (COLOURS[number % len(COLOURS)][dark] for number in range(series))
        lines = (
            f".line.s{number}{{stroke:{colour}}}.filled.s{number}{{fill:{colour}}}"
            for number, colour in enumerate(colours)
        )
        return f"{rules}.axis{{stroke:{faint}}}{''.join(lines)}"

    return (
        "<style>svg{color-scheme:light dark}text{font:13px system-ui,sans-serif}.title{font-size:17px;font-weight:600}"
        ".small{font-size:12px}.value{text-anchor:end}.time{text-anchor:middle}"
        ".line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}.band{fill-opacity:.18}"
        f"{sheet(0)}@media (prefers-color-scheme:dark){{{sheet(1)}}}</style>"
    )


def _span(chart: Chart) -> str:
    first, last = (at.astimezone(chart.zone) for at in (chart.since, chart.until))
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, times in {chart.zone_name}"


def _under_title(chart: Chart, unit: str) -> str:
    return " · ".join(filter(None, (unit, _span(chart), chart.note)))


def _grid(chart: Chart, axis: Axis, divisor: float) -> Iterator[str]:
    """The lines of the values and the marks of the times."""
    right, bottom = WIDTH - RIGHT, TOP + PLOT_HEIGHT
    for tick in axis.ticks:
        y = _y(axis, tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y}" y2="{y}"/>'
        yield f'<text class="small value" x="{LEFT - 8}" y="{y + 4:.1f}">{written(tick / divisor)}</text>'
    for at, text in time_marks(chart, 12):
        x = _x(chart, chart.across(at))
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="{bottom}" y2="{bottom + 5}"/>'
        yield f'<text class="small time" x="{x}" y="{bottom + 20}">{text}</text>'
    yield f'<line class="axis" x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>'


def _line(number: int, line: Line, chart: Chart, axis: Axis) -> Iterator[str]:
    """The runs of a series, each by itself: a value that stands alone is a dot; means have their extent as a band."""
    for run in line.runs:
        band = [dot for dot in run if dot.least is not None and dot.largest is not None]
        if len(band) > 1:
            above = [f"{_x(chart, chart.across(d.at))},{_y(axis, min(d.largest or 0, axis.high))}" for d in band]
            below = [f"{_x(chart, chart.across(d.at))},{_y(axis, max(d.least or 0, axis.low))}" for d in reversed(band)]
            yield f'<polygon class="band filled s{number}" points="{" ".join(above + below)}"/>'
        points = [(_x(chart, chart.across(dot.at)), _y(axis, dot.value or 0.0)) for dot in run]
        if len(points) == 1:
            yield f'<circle class="filled s{number}" cx="{points[0][0]}" cy="{points[0][1]}" r="1.8"/>'
            continue
        dash = DASHES[number % len(DASHES)]
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        path = " ".join(f"{x},{y}" for x, y in points)
        yield f'<polyline class="line s{number}"{dashes} points="{path}"/>'


def _legend(chart: Chart, divisor: float, unit: str) -> Iterator[str]:
    for number, line in enumerate(chart.lines):
        y = TOP + PLOT_HEIGHT + 54 + LEGEND_ROW * number
        dash = DASHES[number % len(DASHES)]
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        yield f'<line class="line s{number}"{dashes} x1="{LEFT}" x2="{LEFT + 34}" y1="{y - 4}" y2="{y - 4}"/>'
        yield f'<text x="{LEFT + 44}" y="{y}">{_text(f"{line.name}: {summary(line, divisor, unit)}")}</text>'


def _x(_chart: Chart, across: float) -> float:
    return round(LEFT + across * (WIDTH - LEFT - RIGHT), 1)


def _y(axis: Axis, value: float) -> float:
    return round(TOP + (1 - axis.up(value)) * PLOT_HEIGHT, 1)


def _text(text: str) -> str:
    return escape(text, quote=True)
