"""A process that shows polls as the command does, for a terminal: SHOW routers, slowly where a second word is given."""

from __future__ import annotations

import sys
from time import sleep

from agent.cli.live import Column, Live
from agent.cli.output import Output

#: Words that would act on a terminal, and take more than a line.
HOSTILE = "\x1b]0;owned\x07\x1b[2J line\u202e one\nand two, which is as long as any that a device says"


def main() -> None:
    """Rows of routers, one with a device's words that would act on a terminal."""
    routers, output = int(sys.argv[1]), Output()
    columns = (
        Column("router", 11), Column("site", 10, needed=False), Column("answer", 9), Column("reach", 7),
        Column("uptime", 15, needed=False), Column("round trip", 10, needed=False), Column("what is wrong", 0),
    )  # fmt: skip
    with Live(output, columns, routers, whole=routers <= 50) as live:
        for number in range(routers):
            wrong = HOSTILE if number == 3 else ""
            row = (f"acme-r{number}", f"acme/s{number}", "answered", "up", "3 d 04:05:06", "12.3 ms", wrong)
            live.row(row, wrong=bool(wrong))
            live.count("answered")
            sleep(0.02)
    output.say(f"{routers} routers: all answered")


if __name__ == "__main__":
    main()
