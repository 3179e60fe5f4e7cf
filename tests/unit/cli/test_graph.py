"""`spokesman graph` lists what there is, draws what is asked for, and says what it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from agent.app.app import App
from agent.cli import application
from agent.config import Paths
from agent.monitoring.figures import chosen, mostly_unknown, unit_of, with_gaps
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.scaffold import create
from agent.store.history import History
from tests.unit.history.fleet import PERIOD_S, Router

Spokesman = Callable[..., Result]
ROUTER = "acme-lee-r1"


class Metric(NamedTuple):
    name: str
    role: str


class Point(NamedTuple):
    at: datetime
    value: float | None
    least: float | None = None
    largest: float | None = None
    why: str = ""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two hours of polls, silent for half an hour."""
    root = tmp_path / "workspace"
    create(root, "virtual")
    now = datetime.now(UTC).timestamp()
    silent = range(10, 18)
    heard = [
        Heard(ROUTER, now - 240 * n, Answer.SILENT, "no answer", lost=3)
        if n in silent
        else Heard(ROUTER, now - 240 * n, Answer.ANSWERED, "", 9e5 - 240 * n, 20.0 + n, 35.0, 5, 0)
        for n in range(1, 30)
    ]
    assert App(root, "ann").engine is not None
    paths = Paths(root)
    History(paths.history_url(paths.default_store_url)).add(heard)
    return root


@pytest.fixture
def spokesman(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Spokesman:
    monkeypatch.setenv("SPOKESMAN_WORKSPACE", str(workspace))
    monkeypatch.chdir(workspace)
    return lambda *words: CliRunner().invoke(application, words)


def test_without_a_metric_those_there_are_are_listed(spokesman: Spokesman) -> None:
    listed = json.loads(spokesman("graph", ROUTER, "--json").stdout)
    assert {"metric": "round_trip_ms", "unit": "ms", "is": "gauge"} in listed
    assert "round_trip_ms" in spokesman("graph", ROUTER).stdout


def test_a_metric_is_drawn_and_silence_is_no_value(spokesman: Spokesman) -> None:
    drawn = spokesman("graph", ROUTER, "round_trip_ms", "--since", "3h", "--utc")
    assert drawn.exit_code == 0, drawn.stderr
    assert "acme-lee-r1: round_trip_ms" in drawn.stdout
    assert "min 21" in drawn.stdout
    assert "times in UTC" in drawn.stdout
    (series,) = json.loads(spokesman("graph", ROUTER, "round_trip", "--since", "3h", "--json").stdout)["series"]
    values = [value for _, value, _, _ in series["points"]]
    assert None in values
    assert 0 not in values


def test_a_chart_is_written_as_svg(spokesman: Spokesman, tmp_path: Path) -> None:
    file = tmp_path / "chart.svg"
    assert spokesman("graph", ROUTER, "percent", "--since", "3h", "--svg", str(file)).exit_code == 0
    tree = ElementTree.parse(file)  # noqa: S314 - written a moment ago
    texts = " ".join(one.text or "" for one in tree.iter("{http://www.w3.org/2000/svg}text"))
    assert "cpu_percent: min 35" in texts
    assert "loss_percent" in texts
    refused = spokesman("graph", ROUTER, "percent", "--svg", str(tmp_path / "nowhere" / "chart.svg"))
    assert (refused.exit_code, "cannot be written" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nobody",), "no router 'nobody'"),
        (("acme-lon-r1", "cpu"), "spokesman poll acme-lon-r1"),
        ((ROUTER, "colour"), f"spokesman graph {ROUTER} lists them"),
        ((ROUTER, "p"), "several units"),
        ((ROUTER, "cpu", "--since", "yesterday"), "90m, 24h, 7d"),
        ((ROUTER, "cpu", "--since", "1h", "--until", "2h"), "ends before it begins"),
    ],
)
def test_what_cannot_be_drawn_is_said(spokesman: Spokesman, words: tuple[str, ...], told: str) -> None:
    refused = spokesman("graph", *words)
    assert refused.exit_code == 1
    assert told in refused.stderr


@pytest.mark.parametrize(
    ("name", "role", "unit"),
    [
        ("Gi0 in_octets", "counter", ("bit/s", 8.0)), ("cpu_5_min_percent", "gauge", ("%", 1.0)),
        ("memory_used_kb", "gauge", ("octets", 1024.0)), ("in_octets", "gauge", ("", 1.0)),
        ("class drops", "counter", ("/s", 1.0)), ("up", "state", ("", 1.0)),
    ],
)  # fmt: skip
def test_a_metric_has_the_unit_of_its_name(name: str, role: str, unit: tuple[str, float]) -> None:
    assert unit_of(Metric(name, role)) == unit


def test_metrics_are_chosen_by_name_or_by_words_in_it() -> None:
    known = [Metric(name, "gauge") for name in ("Gi0 in_octets", "Gi0 out_octets", "Gi1 in_octets", "in_octets")]
    assert chosen(known, ["IN_octets"]) == (known[3],)
    assert chosen(known, ["gi0", "octets"]) == tuple(known[:2])
    assert chosen(known, ["out"]) == (known[1],)
    assert chosen(known, ["x"]) == ()


def test_polls_too_far_apart_have_a_gap_between_them() -> None:
    start = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)

    def at(minutes: float, least: float | None = None, largest: float | None = None) -> Point:
        return Point(start + timedelta(minutes=minutes), 5.0, least, largest)

    hours = (at(0, 1, 9), at(60, 1, 9))
    found = [value for _, value, _, _ in with_gaps((*hours, at(120), at(124), at(129.5), at(136)))]
    assert found == [5.0, 5.0, 5.0, 5.0, 5.0, None, 5.0]


@pytest.mark.parametrize(("unknown", "why"), [(0, ""), (4, ""), (5, "clocks"), (10, "clocks")])
def test_why_most_of_a_series_is_not_known_is_told(unknown: int, why: str) -> None:
    start = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    points = [Point(start, None, why="clocks" if n else "engine") for n in range(unknown)]
    points += [Point(start, 1.0)] * (10 - unknown)
    assert mostly_unknown(points) == why
    assert mostly_unknown([Point(start, None)] * 10) == ""
    assert mostly_unknown([]) == ""


def test_a_router_whose_clock_runs_faster_is_told_to_have_no_rates(spokesman: Spokesman, workspace: Path) -> None:
    router = Router(ROUTER)
    heard = []
    now = datetime.now(UTC).timestamp()
    for cycle in range(8):
        router.uptime_s += 9 * PERIOD_S
        heard.append(router.poll(cycle, whole_every=1)._replace(at=now - (8 - cycle) * PERIOD_S + 60))
    paths = Paths(workspace)
    History(paths.history_url(paths.default_store_url)).add(heard)
    drawn = spokesman("graph", ROUTER, "octets", "--since", "20m")
    assert "nothing is known: the device's clock and ours disagree" in drawn.stdout
    (series,) = json.loads(spokesman("graph", ROUTER, "octets", "--since", "20m", "--json").stdout)["series"]
    assert series["unknown"].startswith("the device's clock and ours disagree")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--since", "9999-12-31T23:59", "--until", "9999-12-31T23:59:59"), "has not come"),
        (("--since", "0001-01-01T00:00+12:00"), "it is no time"),
    ],
)
def test_times_that_nothing_can_be_known_of_are_refused(
    spokesman: Spokesman, words: tuple[str, ...], told: str
) -> None:
    refused = spokesman("graph", ROUTER, "round_trip_ms", "--utc", *words)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit)
    assert told in refused.stderr


def test_a_future_end_is_drawn(spokesman: Spokesman) -> None:
    drawn = spokesman("graph", ROUTER, "round_trip_ms", "--since", "0001-01-01", "--until", "9999-12-31", "--utc")
    assert drawn.exit_code == 0, drawn.output
    assert "min 21" in drawn.stdout
