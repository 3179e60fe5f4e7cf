"""Runs every ``bench_*.py`` here and writes docs/benchmarks.md: ``python -m tests.bench [ROUNDS]``.

A benchmark is a module with ``rows(rounds)`` that yields ``harness.Row``; its docstring explains them to the reader.
"""

from __future__ import annotations

import importlib
import inspect
import os
import platform
import sys
import textwrap
from pathlib import Path

from tests.bench.harness import Row, table

HERE = Path(__file__).parent
RESULT = HERE.parent.parent / "docs" / "benchmarks.md"
ROUNDS = 5

TEXT = """\
# Benchmarks

Written by `make bench`. Each line compares ours with a peer that does the same work in the same run, in interleaved
pairs; a ratio above 1 means that ours costs less. Both say what they did, and a run stops where that differs.
Ratios are medians; absolute times say more about the machine than about the code, so there are none. CPU is processor
time of the measuring process and of the commands that it runs, not of the agents that answer. Taken with
Python {python} on {processors} processors.

{table}
{notes}
How much of public configurations the readers understand is in [understood](understood.md).
"""


def main(arguments: list[str]) -> None:
    """Run all, print the table and write it."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    found: list[Row] = []
    notes: list[str] = []
    for path in sorted(HERE.glob("bench_*.py")):
        module = importlib.import_module(f"tests.bench.{path.stem}")
        notes.append(_note(inspect.getdoc(module) or ""))
        for row in module.rows(rounds):
            found.append(row)
            print(" · ".join(row.cells()), flush=True)
    text = TEXT.format(
        python=platform.python_version(), processors=os.cpu_count(), table=table(found), notes="".join(notes)
    )
    RESULT.write_text(text, encoding="utf-8")


def _note(explanation: str) -> str:
    """One item of a Markdown list."""
    return "- " + textwrap.fill(" ".join(explanation.split()), 118, subsequent_indent="  ") + "\n"


main(sys.argv[1:])
