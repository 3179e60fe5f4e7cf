"""What a platform's routers say by themselves in syslog: which messages are looked at, and which are a firewall's.

A platform's messages are its folder's messages.toml. Of a message no more is kept than what stands here: a topic, and
an item and a state that consist of few harmless characters, whatever the router wrote.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

#: What an item and a state may look like; anything else is left out.
_ITEM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./:_-]{0,62}")
_STATE: Final = re.compile(r"[A-Za-z][A-Za-z ]{0,30}")


class Topic(StrEnum):
    """What an urgent message is about."""

    LINK = "link"
    TUNNEL = "tunnel"
    ENCRYPTION = "encryption"
    ROUTING = "routing"
    STANDBY = "standby"
    ENVIRONMENT = "environment"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Telling:
    """What an urgent message tells: of what (an interface, a peer; "" for none) that it is in which state ("")."""

    topic: Topic
    item: str = ""
    state: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.topic, self.item, self.state) if part)


@dataclass(frozen=True, slots=True)
class UrgentMessage:
    """One row of messages.toml: a message of ``program`` (None: of any) that has ``pattern`` somewhere."""

    topic: Topic
    pattern: re.Pattern[str]
    program: re.Pattern[str] | None = None

    def read(self, program: str, text: str) -> Telling | None:
        """What a message tells; None: it is another."""
        if self.program is not None and not self.program.fullmatch(program):
            return None
        found = self.pattern.search(text)
        if found is None:
            return None
        groups = found.groupdict()
        return Telling(self.topic, _kept(_ITEM, groups.get("item")), _kept(_STATE, groups.get("state")).lower())


@dataclass(frozen=True, slots=True)
class Messages:
    """A platform's messages; ``firewall`` finds in a datagram what its packet filter says of packets [WV-17].

    ``rows`` are those of urgent messages by a text that each of them holds; ``holds`` finds these texts.
    """

    firewall: re.Pattern[bytes]
    holds: re.Pattern[str]
    rows: Mapping[str, tuple[UrgentMessage, ...]]

    def urgent(self, program: str, text: str) -> Telling | None:
        """What a message tells that is to be looked at now, by the first row that knows it; None: it can wait."""
        held = self.holds.search(text)
        if held is None:
            return None
        return next((told for row in self.rows[held[0]] if (told := row.read(program, text)) is not None), None)


@cache
def messages_of(folder: str) -> Messages:
    """The messages of the platform whose texts are in ``folder`` of this package."""
    text = resources.files(f"device_templates.{folder}").joinpath("messages.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rows: dict[str, tuple[UrgentMessage, ...]] = {}
    for one in table["urgent"]:
        program = re.compile(one["program"]) if "program" in one else None
        row = UrgentMessage(Topic(one["topic"]), re.compile(one["pattern"]), program)
        for held in one["holds"]:
            rows[held] = (*rows.get(held, ()), row)
    firewall = b"|".join(b"(?:%b)" % pattern.encode("ascii") for pattern in table["firewall"])
    holds = "|".join(map(re.escape, sorted(rows, key=len, reverse=True)))
    return Messages(re.compile(firewall), re.compile(holds), MappingProxyType(rows))


def _kept(allowed: re.Pattern[str], text: str | None) -> str:
    return text if text is not None and allowed.fullmatch(text) else ""
