"""The daemon's duty in a process of its own, for tests that kill it."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

from agent.app.app import App
from agent.app.webhooks import Webhooks
from agent.requests.webhooks.schedule import Schedule


def main() -> None:
    """``WORKSPACE``: sends until it is killed, with short pauses."""
    app = App(Path(sys.argv[1]), "test")
    webhooks = Webhooks(app, Schedule(first=timedelta(seconds=0.1), factor=1.5, longest=timedelta(seconds=0.5)))
    while True:
        webhooks.run(app.inventory)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
