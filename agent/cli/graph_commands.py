"""spokesman graph: a router's metrics over time, in the terminal or as SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from agent.app.app import utc_now
from agent.app.figures import figures_of
from agent.cli.charts.chart import Chart, Dot, Line
from agent.cli.charts.svg import svg
from agent.cli.charts.terminal import Look, drawn
from agent.cli.command import Json, app_of, speaking
from agent.cli.output import Output, printable
from agent.errors import ConfigurationProblem, Refused
from agent.monitoring.figures import Figures, Metric, chosen, mostly_unknown, unit_of, with_gaps

#: More series than this in one chart cannot be told apart.
MOST_SERIES = 8
#: The plot's height in lines: as the terminal has it, within these.
LEAST_LINES, MOST_LINES, LINES_BESIDE = 6, 24, 8
_SPAN = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def graph(
    context: typer.Context,
    router: Annotated[str, typer.Argument(help="The router's name.")],
    metric: Annotated[
        list[str] | None,
        typer.Argument(help="A metric's name, or words that the names of some have; none: list what there is."),
    ] = None,
    since: Annotated[str, typer.Option(help="How long ago (24h, 7d, 90m) or when (2026-11-30T08:00).")] = "24h",
    until: Annotated[str, typer.Option(help="The same; default: now.")] = "",
    utc: Annotated[bool, typer.Option("--utc", help="Times in UTC instead of this machine's zone.")] = False,
    svg_file: Annotated[Path | None, typer.Option("--svg", help="Write the chart to this file instead.")] = None,
    as_json: Json = False,
) -> None:
    """Draw metrics of a router over time, in the terminal or as SVG; without one, list those there are."""
    with speaking(as_json) as output:
        app = app_of(context)
        figures = figures_of(app)
        known = figures.metrics(router)
        if not known:
            app.inventory.router(router)  # which says where there is none of that name
            remedy = f"spokesman poll {router}, or let the daemon poll it"
            raise Refused("nothing is kept of it yet", where=router, remedy=remedy)
        if not metric:
            _list(output, known)
            return
        zone: tzinfo = UTC if utc else _local()
        now = utc_now()
        ends = _moment(until, now, zone, "--until") if until else now
        begins = _moment(since, now, zone, "--since")
        if begins >= ends:
            where = f"--since {since} --until {until or 'now'}"
            raise Refused("it ends before it begins", where=where, remedy="name an earlier --since")
        if begins > now:
            raise Refused("that time has not come", where=f"--since {since}", remedy="name an earlier --since")
        wanted = _wanted(known, router, metric)
        chart = chart_of(figures, router, wanted, (begins, ends), zone)
        _show(output, chart, svg_file)
        output.result(_document(router, chart))


def chart_of(
    figures: Figures, router: str, wanted: Sequence[Metric], ends: tuple[datetime, datetime], zone: tzinfo
) -> Chart:
    """The chart of some metrics of one unit."""
    unit, factor = unit_of(wanted[0])

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    def line(name: str) -> Line:
        points = figures.series(router, name, *ends)
        dots = (Dot(at, *map(scaled, values)) for at, *values in with_gaps(points))
        return Line(name, tuple(dots), mostly_unknown(points))

    lines = tuple(line(one.name) for one in wanted)
    means = any(dot.least is not None for line in lines for dot in line.dots)
    title = router if len(wanted) > 1 else f"{router}: {wanted[0].name}"
    note = "what is not known is left out" + ("; older values are the means of hours" if means else "")
    return Chart(title, unit, lines, *ends, zone, note)


def _show(output: Output, chart: Chart, file: Path | None) -> None:
    if file is None:
        width, height, colour, unicode = output.look
        lines = min(MOST_LINES, max(LEAST_LINES, height - LINES_BESIDE - len(chart.lines)))
        output.draw(drawn(chart, Look(width, lines, colour, unicode)))
        return
    try:
        file.write_text(svg(_printable(chart)), encoding="utf-8")
    except OSError as error:
        raise ConfigurationProblem(
            f"the chart cannot be written: {error.strerror}", where=str(file), remedy="name a file in a writable folder"
        ) from error
    output.say(f"{file}: {', '.join(line.name for line in chart.lines)}")


def _printable(chart: Chart) -> Chart:
    """With names that XML takes: a device may have put anything in them."""
    lines = tuple(Line(printable(line.name), line.dots, line.why) for line in chart.lines)
    return Chart(printable(chart.title), chart.unit, lines, chart.since, chart.until, chart.zone, chart.note)


def _list(output: Output, known: Sequence[Metric]) -> None:
    rows = [(one.name, unit_of(one)[0] or None, one.role) for one in known]
    output.table(("metric", "unit", "is a"), rows)
    output.result([{"metric": name, "unit": unit, "is": role} for name, unit, role in rows])


def _wanted(known: Sequence[Metric], router: str, words: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics that are asked for; Refused where there is none, or not all fit one chart."""
    where = f"{router} {' '.join(words)}"
    found = chosen(known, words)
    if not found:
        raise Refused("it has no such metric", where=where, remedy=f"spokesman graph {router} lists them")
    names = ", ".join(one.name for one in found[:MOST_SERIES])
    if len(found) > MOST_SERIES:
        raise Refused(
            f"{len(found)} metrics have that in their names: {names}, …", where=where, remedy="say more of it"
        )
    if len({unit_of(one)[0] for one in found}) > 1:
        raise Refused(f"one chart cannot show several units: {names}", where=where, remedy="name metrics of one unit")
    return found


def _moment(text: str, now: datetime, zone: tzinfo, option: str) -> datetime:
    """A time as people write it: so long ago, or a date and time in the zone that is shown; Refused for others."""
    span = _SPAN.fullmatch(text.strip().lower())
    try:
        if span:
            return now - timedelta(seconds=int(span[1]) * _SECONDS[span[2]])
        at = datetime.fromisoformat(text.strip())
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        return at.astimezone(zone).astimezone(UTC)  # which the first and the last day there is may have none of
    except (ValueError, OverflowError):
        remedy = "write 90m, 24h, 7d or 2w, or a moment: 2026-11-30T08:00"
        raise Refused("it is no time", where=f"{option} {text}", remedy=remedy) from None


def _local() -> tzinfo:
    """This machine's zone, with its summer time where it can be told."""
    return datetime.now().astimezone().tzinfo or UTC


def _document(router: str, chart: Chart) -> dict[str, object]:
    series = [
        {
            "metric": line.name,
            "points": [[dot.at, dot.value, dot.least, dot.largest] for dot in line.dots],
            "unknown": line.why,
        }
        for line in chart.lines
    ]
    return {"router": router, "unit": chart.unit, "since": chart.since, "until": chart.until, "series": series}
