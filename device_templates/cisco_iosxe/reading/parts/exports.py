"""Whom a router sends its configuration, or what it sees of traffic, by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.model import At, Export

#: A file on another host; one of the router's own has no ``//``.
_REMOTE = r"\w+://(?:[^@/\s]*@)?(?P<host>[^/:\s]+)"
#: By the first words of a line: what it sends, and the line that says whom; of the maker's own service nothing is said.
_SENDS = (
    ("archive", "its configuration", re.compile(rf"path {_REMOTE}")),
    ("flow exporter", "what it sees of traffic", re.compile(r"destination (?P<host>\S+)")),
    ("ip flow-export", "what it sees of traffic", re.compile(r"ip flow-export destination (?P<host>\S+)")),
    ("telemetry", "measurements", re.compile(r"(?:receiver ip address|host ip-address|host name) (?P<host>\S+)")),
    ("call-home", "what it is and how it is configured", re.compile(rf"destination address http {_REMOTE}")),
    (
        "call-home",
        "what it is and how it is configured",
        re.compile(r"destination address email (?:\S+@)?(?P<host>\S+)"),
    ),
)
_MAKER = re.compile(r"(?:.*\.)?cisco\.com", re.IGNORECASE)


def exports(node: Node) -> Iterator[Export]:
    """What a line, or one below it, sends to a host."""
    for head, name, pattern in _SENDS:
        for _, one in node.walk() if node.text.startswith(head) else ():
            if (found := pattern.match(one.text)) and not _MAKER.fullmatch(found["host"]):
                yield Export(name, found["host"], At(one.line))
