"""The router's program with a death in it: run as `dying.py PROGRAM WHO NUMBER serve`.

It is killed, as by kill -9, just before the NUMBERth time that it writes or removes a file or starts a program. WHO is
"supervisor", "checker" and "worker" (the processes that check and that apply), or "both" (the supervisor dies of what
its worker is about to do).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

program, who, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.path.insert(0, program)
sys.argv = [program, *sys.argv[4:]]

from spokesman_router import files, system  # type: ignore[import-not-found]  # noqa: E402

supervisor = os.getpid()
counted = 0


def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, before which this process may die."""

    def instead(*arguments: Any, **named: Any) -> Any:
        global counted
        armed = Path("/var/lib/spokesman/journal.json").exists()
        me = "supervisor" if os.getpid() == supervisor else "worker" if armed else "checker"
        if me == ("worker" if who == "both" else who) and Path("/run/spokesman/deadly").exists():
            counted += 1
            if counted == number:
                Path("/run/spokesman/deadly").unlink()
                os.kill(supervisor if who == "both" else os.getpid(), signal.SIGKILL)
                signal.pause()
        return function(*arguments, **named)

    return instead


files.write, files.remove, files.sync = deadly(files.write), deadly(files.remove), deadly(files.sync)
system.run = deadly(system.run)

from spokesman_router.main import main  # type: ignore[import-not-found]  # noqa: E402

sys.exit(main(sys.argv[1:]))
