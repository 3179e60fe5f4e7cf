"""A router's log buffer: messages with a facility, a severity and a name, the oldest fall out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

#: About what a buffer of 4096 octets holds.
_MOST = 64


@dataclass(frozen=True, slots=True)
class Message:
    """One message, such as ``%PKI-3-CERTIFICATE_INVALID_EXPIRED: …``; ``at`` in lab seconds since 1970."""

    number: int
    at: float
    text: str


class Log:
    """The buffer; it is empty after a boot."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=_MOST)
        self._number = 0

    def add(self, at: float, text: str) -> None:
        """Something happened."""
        self._number += 1
        self._messages.append(Message(self._number, at, text))

    def clear(self) -> None:
        """The router boots."""
        self._messages.clear()
        self._number = 0

    def shown(self, *, numbered: bool) -> str:
        """The buffer as ``show logging`` has it; ``numbered`` with ``service sequence-numbers``."""
        return "".join(f"{f'{one.number:06d}: ' if numbered else ''}{_line(one)}\n" for one in self._messages)


def _line(message: Message) -> str:
    moment = datetime.fromtimestamp(message.at, UTC)
    return f"{moment:%b} {moment.day:2} {moment:%H:%M:%S}.{moment.microsecond // 1000:03} UTC: {message.text}"
