"""Submits requests until it is killed; says each reference once it is acknowledged."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from agent.app.app import App
from tests.unit.requests.bench import Bench


def main() -> None:
    """``WORKSPACE``."""
    root = Path(sys.argv[1])
    bench = Bench(root, App(root, "test").engine)
    for number in count():
        request = bench.submit(key=f"k-{number}")
        sys.stdout.write(f"{request.reference}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
