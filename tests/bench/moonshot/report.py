"""Says in words, numbers and a drawing what a run did; kept in docs so that the page of benchmarks can show it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.harness import markdown
from tests.bench.moonshot.loading import Loading
from tests.bench.moonshot.plot import Line, Panel, svg
from tests.bench.moonshot.run import Report

DOCS = Path(__file__).parents[3] / "docs"
HEAD = (
    "cycle", "polled", "answered", "living that were silent", "late", "missed", "longest interval (s)",
    "our CPU (s)", "the agents' CPU (s)", "written (MiB)",
)  # fmt: skip
MIB = 1 << 20


def kept(report: Report, loaded: Loading, machine: str) -> dict[str, Any]:
    """All figures of a run, for a file."""
    return {"machine": machine, "loading": asdict(loaded), **asdict(report)}


def save(found: dict[str, Any], name: str, docs: Path = DOCS) -> None:
    """Keep a run as ``name``.json, and its drawing where it lasted."""
    (docs / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if found["moments"]:
        (docs / f"{name}.svg").write_text(drawing(found), encoding="utf-8")


def table(found: dict[str, Any]) -> str:
    """The cycles."""
    rows = [HEAD]
    for number, turn in enumerate(found["turns"], 1):
        cycle = turn["cycle"]
        rows.append(
            (
                str(number), f"{cycle['polled']:,}", f"{cycle['answered']:,}", str(cycle["silent"]), str(cycle["late"]),
                str(cycle["missed"]), f"{cycle['longest_s']:.0f}" if number > 1 else "", f"{turn['own_cpu_s']:.0f}",
                f"{turn['agents_cpu_s']:.0f}", f"{turn['kept'] / MIB:.1f}",
            )
        )  # fmt: skip
    return markdown(rows)


def summary(found: dict[str, Any]) -> str:
    """What a run says beside its table."""
    order, turns, moments, loaded = found["order"], found["turns"], found["moments"], found["loading"]
    devices, last = order["devices"], turns[-1]
    each = (found["polled_mib"] - found["empty_mib"]) * 1024 / devices
    lag = max((moment["lag_ms"] for moment in moments), default=0.0)
    pace = f"in cycles of {order['period_s']:.0f} s" if order["period_s"] else "as fast as it goes"
    load = last["own_cpu_s"] / last["wall_s"] if last["wall_s"] else 0.0
    return (
        f"{devices:,} devices, {order['model']}, {pace}: the last cycle took {last['wall_s']:.0f} s and "
        f"{last['own_cpu_s'] / devices * 1e6:.0f} µs of a processor a device ({load:.0%} of one), the agents "
        f"{last['agents_cpu_s'] / devices * 1e6:.0f} µs. Memory grew from {found['empty_mib']:.0f} MiB to "
        f"{found['polled_mib']:.0f} MiB, {each:.1f} KiB a device. The loop was never more than {lag:.0f} ms late. "
        f"The fleet is made in memory; from files, loading it takes {loaded['site_us'] * devices / 1e6:.0f} s of a "
        f"processor and {loaded['site_kib'] * devices / MIB:.1f} GiB more. {found['machine']}"
    )


def drawing(found: dict[str, Any]) -> str:
    """Memory, lateness, processor time and polls over time, with a mark where each cycle ended."""
    moments = found["moments"]
    seconds = [moment["at_s"] for moment in moments]
    order, marks, end_s = found["order"], [], 0.0
    for turn in found["turns"]:
        end_s += turn["wall_s"]
        marks.append(end_s)
    panels = [
        Panel("memory (MiB)", [Line("ours", [moment["rss_mib"] for moment in moments])]),
        Panel("latest wake of the loop (ms)", [Line("ours", [moment["lag_ms"] for moment in moments])]),
        Panel(
            "processor (% of one)",
            [
                Line("ours", [100 * rate for rate in _rates(moments, "own_cpu_s")]),
                Line("the agents", [100 * rate for rate in _rates(moments, "agents_cpu_s")]),
            ],
        ),
        Panel("polls a second", [Line("ours", _rates(moments, "polls"))]),
    ]
    return svg(f"{order['devices']:,} devices, {order['model']}", seconds, panels, marks)


def _rates(moments: list[dict[str, float]], name: str) -> list[float]:
    """Growth a second from moment to moment."""
    before = {"at_s": 0.0, name: moments[0][name]}
    found = []
    for moment in moments:
        found.append((moment[name] - before[name]) / max(moment["at_s"] - before["at_s"], 1e-3))
        before = moment
    return found
