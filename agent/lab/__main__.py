"""``python -m agent.lab serve --dir DIR``: the lab's process, normally started by ``lab up``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from agent.lab.errors import LabError
from agent.lab.process import serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m agent.lab", description="Run the virtual routers of a lab.")
    command = parser.add_subparsers(dest="command", required=True).add_parser("serve", help="run until told to end")
    command.add_argument("--dir", type=Path, required=True, help="the lab's directory, which holds spec.json")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(serve(options.dir))
    except LabError as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"lab: {options.dir}: {problem.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
