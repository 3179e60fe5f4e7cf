"""Runs every ``bench_*.py`` here and writes docs/benchmarks.md: ``python -m tests.bench [ROUNDS]``.

A benchmark is a module with ``rows(rounds)`` that yields ``harness.Row``.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from tests.bench.harness import Row, table

HERE = Path(__file__).parent
RESULT = HERE.parent.parent / "docs" / "benchmarks.md"
ROUNDS = 5

TEXT = """\
# Benchmarks

Written by `make bench`. Each line compares ours with a peer that does the same work in the same run, in interleaved
pairs; a ratio above 1 means that ours costs less. Ratios are medians; absolute times say more about the machine than
about the code, so there are none. Taken with Python {python} on {processors} processors.

{table}"""


def main(arguments: list[str]) -> None:
    """Run all, print the table and write it."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    found: list[Row] = []
    for path in sorted(HERE.glob("bench_*.py")):
        module = importlib.import_module(f"tests.bench.{path.stem}")
        for row in module.rows(rounds):
            found.append(row)
            print(" · ".join(row.cells()), flush=True)
    text = TEXT.format(python=platform.python_version(), processors=os.cpu_count(), table=table(found))
    RESULT.write_text(text, encoding="utf-8")


main(sys.argv[1:])
