"""The log buffer of one router: what it keeps by its logging lines, and how ``show logging`` prints it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.lab.config import ConfigTree

LEVELS = (
    "emergencies", "alerts", "critical", "errors", "warnings", "notifications", "informational", "debugging",
)  # fmt: skip
_MOST = 400
_BUFFER = 4096


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``at`` in lab seconds since 1970, ``text`` from the percent sign on (``%SYS-5-RESTART: …``)."""

    at: float
    text: str

    @property
    def level(self) -> int:
        """Severity, 0 the worst: the digit in ``%LINEPROTO-5-UPDOWN``."""
        return next((int(part) for part in self.text.split(":")[0].split("-") if part.isdigit()), 7)


class Log:
    """Messages since the boot; power and reloads empty it."""

    def __init__(self) -> None:
        self.messages: deque[Message] = deque(maxlen=_MOST)

    def add(self, at: float, text: str) -> None:
        """Something happened at ``at`` (lab seconds)."""
        self.messages.append(Message(at, text))

    def clear(self) -> None:
        """The router boots."""
        self.messages.clear()

    def shown(self, tree: ConfigTree, more: Iterable[Message] = ()) -> str:
        """``show logging``; ``more`` are messages that are known only when somebody looks, such as failed tries."""
        size, level = _buffered(tree)
        kept = sorted([*self.messages, *more], key=lambda one: one.at)
        kept = [one for one in kept if one.level <= level]
        rows = [_stamped(tree, one, number) for number, one in enumerate(kept, 1)]
        while rows and sum(len(row) + 1 for row in rows) > size:
            rows.pop(0)
        return _head(tree, level, len(kept)) + f"\nLog Buffer ({size} bytes):\n\n" + "".join(f"{row}\n" for row in rows)


def _buffered(tree: ConfigTree) -> tuple[int, int]:
    """Octets of the buffer and the worst level that is left out, by ``logging buffered``."""
    words = (tree.value("logging buffered") or "").split()
    size = next((int(word) for word in words if word.isdigit()), _BUFFER)
    return size, next((LEVELS.index(word) for word in words if word in LEVELS), 7)


def _stamped(tree: ConfigTree, message: Message, number: int) -> str:
    moment = datetime.fromtimestamp(message.at, UTC)
    words = (tree.value("service timestamps log") or "").split()
    stamp = f"{moment:%b} {moment.day:>2} {moment:%H:%M:%S}"
    stamp += f".{moment.microsecond // 1000:03}" if "msec" in words else ""
    stamp += " UTC" if "show-timezone" in words else ""
    sequence = f"{number:06}: " if tree.has("service sequence-numbers") else ""
    mark = "" if tree.has("ntp server") else "*"  # a clock that nobody set
    return f"{sequence}{mark}{stamp}: {message.text}"


def _head(tree: ConfigTree, level: int, count: int) -> str:
    hosts = "".join(_host(line.words[2:], count) for line in tree.children("logging host"))
    return (
        "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, xml disabled, "
        "filtering disabled)\n\n"
        "No Active Message Discriminator.\n\n\n\nNo Inactive Message Discriminator.\n\n\n"
        f"    Console logging: level critical, 0 messages logged, xml disabled,\n{'':21}filtering disabled\n"
        f"    Monitor logging: level debugging, 0 messages logged, xml disabled,\n{'':21}filtering disabled\n"
        f"    Buffer logging:  level {LEVELS[level]}, {count} messages logged, xml disabled,\n"
        f"{'':20}filtering disabled\n"
        "    Exception Logging: size (4096 bytes)\n    Count and timestamp logging messages: disabled\n"
        "    Persistent logging: disabled\n\nNo active filter modules.\n\n"
        f"    Trap logging: level informational, {count} message lines logged\n{hosts}"
    )


def _host(words: list[str], count: int) -> str:
    table = f"  ({words[2]})" if words[1:2] == ["vrf"] and len(words) > 2 else ""
    return (
        f"        Logging to {words[0]}{table} (udp port 514, audit disabled,\n              link up),\n"
        f"              {count} message lines logged, \n              0 message lines rate-limited, \n"
        "              0 message lines dropped-by-MD, \n              xml disabled, sequence number disabled\n"
        "              filtering disabled\n"
    )
