"""``python -m tests.bench.moonshot [--devices N] [--period SECONDS] [--cycles N] [--dead PERMILLE] [--name NAME]``.

Writes docs/NAME.json and docs/NAME.svg, and the page of benchmarks anew. A period of 0 is as fast as it goes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from dataclasses import astuple

from tests.bench import results
from tests.bench.moonshot.loading import loading
from tests.bench.moonshot.report import kept, save, summary, table
from tests.bench.moonshot.run import Order, Turn, run
from tests.bench.polling.contest import processors


def main() -> None:
    """Run, tell of each cycle as it ends, and keep what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.moonshot")
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--period", type=float, default=240.0, help="seconds of a cycle; 0: as fast as it goes")
    parser.add_argument("--cycles", type=int, default=4)
    parser.add_argument("--dead", type=int, default=0, help="of a thousand devices, how many never answer")
    parser.add_argument("--name", default="moonshot", help="of the files in docs")
    wanted = parser.parse_args()
    order = Order(wanted.devices, wanted.cycles, wanted.period, wanted.dead)
    report = asyncio.run(run(order, _say, processors()[1]))
    found = kept(report, loading(), f"{os.cpu_count()} processors, Python {platform.python_version()}.")
    save(found, wanted.name)
    results.save(results.load())
    print(table(found), summary(found), sep="\n")


def _say(turn: Turn) -> None:
    print(*astuple(turn), flush=True)


main()
