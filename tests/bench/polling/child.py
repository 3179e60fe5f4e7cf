"""A poller in a process of its own: the parent orders cycles, the child tells what each did and took."""

from __future__ import annotations

import importlib.machinery
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.bench.polling.contest import Cycle, processors

ROOT = Path(__file__).parents[3]

#: Set to have the plain codec, whatever is compiled.
PLAIN = "SPOKESMAN_BENCH_PLAIN"

#: Seconds to end.
_END_S = 30.0


class Child:
    """The parent's side; see contest.Poller."""

    def __init__(self, name: str, devices: int, living: int, values: int, process: subprocess.Popen[str]) -> None:
        self.name, self.devices, self.living, self.values = name, devices, living, values
        self.process = process

    def cycle(self) -> Cycle:
        """Order one, and wait for it."""
        return Cycle(*self.ask("cycle"))

    def ask(self, order: str) -> Any:
        """Give an order; what the child says to it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with exit code {self.process.wait()}: see what it wrote")
        return json.loads(line)


@contextmanager
def running(module: str, arguments: dict[str, Any], *, plain: bool = False) -> Iterator[subprocess.Popen[str]]:
    """``python -m module`` on the askers' processor; it gets ``arguments`` as JSON, and ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, json.dumps(arguments)],
        cwd=ROOT,
        env={**os.environ, PLAIN: "1"} if plain else None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        os.sched_setaffinity(process.pid, {processors()[0]})
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve(cycle: Callable[[], tuple[int, int]]) -> None:
    """The child's side: a cycle for each line that comes; ``cycle`` says devices that answered and values that came."""
    for _ in sys.stdin:
        used, start = time.process_time(), time.perf_counter()
        devices, values = cycle()
        took = time.process_time() - used, time.perf_counter() - start
        print(json.dumps([devices, values, *took]), flush=True)


class SourceOnly:
    """Finds modules of the collectors by their source, also those that are compiled as well."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        if not name.startswith("collectors."):
            return None
        loader = (SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES)
        found = (FileFinder(folder, loader).find_spec(name) for folder in path or ())
        return next((spec for spec in found if spec is not None), None)


def choose_codec() -> None:
    """Called before the collectors are imported: plain, where that was asked for."""
    if PLAIN in os.environ:
        sys.meta_path.insert(0, SourceOnly)
