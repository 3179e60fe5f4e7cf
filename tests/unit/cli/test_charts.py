"""Charts show what is known and nothing else: gaps stay gaps, values are at their places, files stand alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.cli.charts.chart import Chart, Dot, Line, time_marks, value_axis, written
from agent.cli.charts.svg import svg
from agent.cli.charts.terminal import Look, drawn

T0 = datetime(2026, 11, 30, 8, 7, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"


def line(name: str, *values: float | None, step_s: int = 300) -> Line:
    dots = (Dot(T0 + timedelta(seconds=step_s * number), value) for number, value in enumerate(values))
    return Line(name, tuple(dots))


def chart(*lines: Line, unit: str = "%", hours: float = 4, zone: str = "Europe/London") -> Chart:
    return Chart("acme-lee-r1", unit, lines, T0, T0 + timedelta(hours=hours), ZoneInfo(zone))


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - written a moment ago


def saw(low: float, high: float, gap: range = range(0)) -> list[float | None]:
    return [None if n in gap else low + (high - low) * (n % 12) / 11 for n in range(48)]


def text(chart: Chart, look: Look) -> str:
    return "\n".join("".join(piece.text for piece in pieces).rstrip() for pieces in drawn(chart, look)) + "\n"


CASES = {
    "one": (chart(line("cpu_percent", *saw(5, 60, range(20, 30)))), Look(80, 12, False, True)),
    "plain": (
        chart(line("in", *saw(0, 9e6)), line("out", *saw(1e6, 2e6, range(10, 40))), unit="bit/s"),
        Look(60, 9, False, False),
    ),
    "colour": (
        chart(line("in", *saw(0, 9e6)), line("out", *saw(1e6, 2e6, range(10, 40))), unit="bit/s"),
        Look(72, 9, True, True),
    ),
    "unknown": (chart(line("cpu_percent", *[None] * 48)), Look(50, 6, False, True)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_chart_in_the_terminal(name: str) -> None:
    assert text(*CASES[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_a_chart_as_svg() -> None:
    assert svg(CASES["colour"][0]) == (GOLDEN / "colour.svg").read_text(encoding="utf-8")


def test_series_have_colours_of_their_own_where_there_are_any() -> None:
    styles = {piece.style for pieces in drawn(*CASES["colour"]) for piece in pieces}
    assert {"cyan", "yellow"} <= styles
    assert {piece.style for pieces in drawn(*CASES["plain"]) for piece in pieces} <= {"", "bold", "dim"}


@given(st.lists(st.none() | st.floats(-1e12, 1e12), min_size=1, max_size=40), st.integers(20, 120))
def test_nothing_is_drawn_where_nothing_is_known(values: list[float | None], width: int) -> None:
    known = {number for number, value in enumerate(values) if value is not None}
    shown = chart(line("x", *values, step_s=14_400 // max(1, len(values) - 1)))
    look = Look(width, 8, False, False)
    rows = [row.split("|", 1)[-1].split("+", 1)[-1] for row in text(shown, look).splitlines()[2:10]]
    places = {column for row in rows for column, sign in enumerate(row) if sign == "*"}
    assert bool(places) == bool(known)
    tree = parsed(svg(shown))
    points = sum(len(one.get("points", "").split()) for one in tree.iter(f"{SVG}polyline"))
    assert points + len(list(tree.iter(f"{SVG}circle"))) == len(known)
    assert all(len(row) <= max(width, 30) for row in text(shown, look).splitlines()[2:12])


@given(st.lists(st.floats(-1e15, 1e15).filter(lambda value: value == 0 or abs(value) > 1e-9), min_size=1, max_size=20))
@example([-900719925474100.1])
@example([9e14, 9e14 + 0.125])
def test_an_axis_has_all_values_between_its_ends(values: list[float]) -> None:
    axis = value_axis([line("x", *values)], 5)
    assert axis.low < axis.high
    assert len(axis.ticks) <= 8
    for value in values:
        assert -1e-6 <= axis.up(value) <= 1 + 1e-6


@pytest.mark.parametrize(
    ("hours", "zone", "first", "count"),
    [(4, "Europe/London", "08:30", 8), (24, "Asia/Kathmandu", "15:00", 8), (24 * 14, "UTC", "02 Dec", 7)],
)
def test_times_stand_at_round_hours_of_the_zone(hours: int, zone: str, first: str, count: int) -> None:
    marks = time_marks(chart(line("x", 1.0), hours=hours, zone=zone), 8)
    assert (marks[0][1], len(marks)) == (first, count)


def test_years_are_said_where_there_are_several() -> None:
    marks = time_marks(chart(line("x", 1.0), hours=24 * 365 * 170), 8)
    assert 4 <= len(marks) <= 8
    assert all(text.endswith(f" {at.year}") for at, text in marks)


def test_an_axis_may_end_with_the_last_time_there_is() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    for since in (last - timedelta(seconds=59), T0, datetime.min.replace(tzinfo=UTC)):
        assert len(time_marks(Chart("x", "", (), since, last, UTC), 8)) <= 9


@pytest.mark.parametrize(
    ("zone", "words"),
    [("UTC", "UTC"), ("Europe/London", "GMT (UTC)"), ("Europe/Berlin", "CET (UTC+01:00)"),
     ("America/Sao_Paulo", "UTC-03:00")],
)  # fmt: skip
def test_the_zone_is_said(zone: str, words: str) -> None:
    assert chart(line("x", 1.0), zone=zone).zone_name == words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (1234.5, "1,234"), (12.3456, "12.35"), (0.001234, "0.001234"), (2.5e7, "2.5e+07")]
)
def test_values_are_written_for_people(value: float, words: str) -> None:
    assert written(value) == words


def test_a_devices_words_stay_words_in_svg() -> None:
    shown = svg(chart(line('<script>alert("x")</script> & more', 1.0, 2.0)))
    tree = parsed(shown)
    assert not list(tree.iter(f"{SVG}script"))
    assert any('<script>alert("x")</script> & more' in (one.text or "") for one in tree.iter(f"{SVG}text"))
    assert not re.search(r"(href|src|url\()", shown)


def test_the_svg_says_in_words_what_it_shows() -> None:
    tree = parsed(svg(CASES["one"][0]))
    described = tree.findtext(f"{SVG}desc") or ""
    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == "acme-lee-r1"
    assert "cpu_percent: min 5, mean" in described
    assert "2026-11-30 08:07 to 2026-11-30 12:07, times in GMT (UTC)" in described
    assert "prefers-color-scheme:dark" in svg(CASES["one"][0])
