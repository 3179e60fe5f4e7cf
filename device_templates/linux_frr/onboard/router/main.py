"""The command line: the resident program, the relay, and verbs for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

USAGE = """\
usage: spokesman-router serve                        run as the resident program
       spokesman-router relay                        carry requests to it (the SSH subsystem)
       spokesman-router VERB [NAME=VALUE ...]        ask it; text=@FILE reads a value from a file
"""


def main(arguments: list[str]) -> int:
    """Do what the command line asks; the exit code is 0 for success, 1 where it was refused, 2 for wrong usage."""
    if arguments == ["relay"]:
        from .relay import relay

        return relay()
    if arguments == ["serve"]:
        from .supervisor import serve

        return serve()
    if is_hook(arguments, os.environ):
        from .asking import tell_lease

        return tell_lease(arguments)
    if arguments and not arguments[0].startswith("-"):
        from .asking import ask

        return ask(arguments[0], arguments[1:])
    sys.stderr.write(USAGE)
    return 2


def is_hook(arguments: list[str], environment: Mapping[str, str]) -> bool:
    """Whether a DHCP client runs this program as its script."""
    if not arguments:
        return "reason" in environment and "interface" in environment
    return len(arguments) == 1 and arguments[0] in ("bound", "renew", "deconfig", "nak", "leasefail")
