"""``python -m tests.bench.faults``: injects every fault and writes docs/faults-polling.md."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.bench.faults.cases import CASES
from tests.bench.faults.trial import HEALTHY, RETRIES, TIMEOUT_S, Trial, tried
from tests.bench.harness import markdown

PAGE = Path(__file__).parents[3] / "docs" / "faults-polling.md"
TEXT = """\
# Faults of devices that are polled

Written by `python -m tests.bench.faults`, which injects all of them at once: a simulated SNMPv3 router for each, polled
beside {healthy} healthy ones by the daemon's own path, with {tries} tries of {timeout:g} s. Said are the state after
{cycles} cycles, half of them before the fault, and the alarms that were raised.

{table}
{others}
"""
HEAD = ("fault", "the device", "reach", "why", "alarms, and what is not as ordered", "polls answered")


def page(trial: Trial) -> str:
    """The page."""
    rows = [HEAD]
    for one in trial.verdicts:
        faults = (fault for fault in one.faults if fault != one.reason)
        told = "<br>".join(map(_cell, (*one.alarms, *one.broken, *faults)))
        share = f"{one.answered} of {one.polls}"
        rows.append((one.case.name, one.case.what, one.reach, _cell(one.reason), told, share))
    others = f"In each of the {trial.cycles} cycles all {HEALTHY} healthy devices were polled and answered."
    if trial.unheard:
        others = f"Healthy devices that were not heard in a cycle: {trial.unheard}."
    return TEXT.format(
        healthy=HEALTHY, tries=RETRIES + 1, timeout=TIMEOUT_S, cycles=trial.cycles, table=markdown(rows), others=others
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    found = page(asyncio.run(tried(CASES)))
    PAGE.write_text(found, encoding="utf-8")
    print(found)
