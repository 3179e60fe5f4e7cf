"""Runs ``bench_*.py`` here and writes docs/benchmarks.md: ``python -m tests.bench [--rounds N] [--only WORD ...]``.

A benchmark is a module with ``rows(rounds)`` that yields rows of one kind; its docstring explains them to the reader.
With ``--only`` those run that have one of the words in their name, and what was found before of the others stays. Those
that are ``APART`` run only so.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.results import load, result, save

HERE = Path(__file__).parent
ROUNDS = 5


def main() -> None:
    """Run those that are wanted, print their rows, and write the page after each."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of each comparison")
    parser.add_argument("--only", nargs="+", default=[], help="words of the benchmarks' names")
    wanted = parser.parse_args()
    taken = (
        f"Taken {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on {os.cpu_count()} processors."
    )
    for path in sorted(HERE.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if wanted.only and not any(word in name for word in wanted.only):
            continue
        module = importlib.import_module(f"tests.bench.{path.stem}")
        if not wanted.only and getattr(module, "APART", False):
            continue
        rows = []
        for row in module.rows(wanted.rounds):
            rows.append(row)
            print(" · ".join(row.cells()), flush=True)
        save({**load(), name: result(rows, inspect.getdoc(module) or "", taken)})


main()
