"""The lines of JSON between the driver and the router's own program: pure functions, and what an answer must be.

Whoever answers may send anything: a reader here gives what it promises or raises ValueError.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from agent.provisioning.ports import DeviceFacts, PingResult

#: More than any answer; a router that sends more in one line is not telling us anything.
MOST_BYTES = 8_000_000
_LONGEST_WORDS = 600


class Refusal(Exception):
    """The router's program says no; ``kind`` is its own word for why."""

    def __init__(self, kind: str, words: str) -> None:
        self.kind = kind
        self.words = words
        super().__init__(f"{kind}: {words}")


@dataclass(frozen=True, slots=True)
class Pending:
    """A timed change that waits for confirmation: whose it is, and the seconds until it is taken back."""

    user: str
    left_s: float


def request(verb: str, arguments: Mapping[str, object]) -> bytes:
    """One request, as it is sent."""
    return json.dumps({"verb": verb, "args": dict(arguments)}).encode() + b"\n"


def result(line: bytes) -> object:
    """What a line answers; Refusal if it says no, ValueError if it is no answer."""
    answer = _object(_parsed(line))
    if answer.get("ok") is True and "result" in answer:
        return answer["result"]
    if answer.get("ok") is not False:
        raise ValueError("neither yes nor no")
    raise Refusal(_text(answer, "kind"), _text(answer, "message")[:_LONGEST_WORDS])


def anything(_answer: object) -> None:
    """Nothing: that it was done is all that is asked."""


def text(answer: object) -> str:
    """The text that an answer holds."""
    return _text(_object(answer), "text")


def shown(text: str) -> Mapping[str, object]:
    """The object that the text of a topic is."""
    return _object(_parsed(text))


def digest(answer: object) -> str:
    """The SHA-256 of what was loaded."""
    return _text(_object(answer), "sha256")


def facts(answer: object) -> DeviceFacts:
    """What the router says it is."""
    held = _object(answer)
    words = {name: _text(held, name) for name in ("hostname", "serial", "model", "version")}
    if not all(value.isprintable() for value in words.values()):
        raise ValueError("unprintable facts")
    return DeviceFacts(**words, uptime_s=int(_number(held, "uptime_s")))


def pending(answer: object) -> Pending | None:
    """Whose change waits, None for nobody's."""
    if answer is None:
        return None
    held = _object(answer)
    return Pending(_text(held, "user"), _number(held, "left_s"))


def ping_result(answer: object) -> PingResult:
    """How many echoes went out and came back."""
    held = _object(answer)
    sent, received = int(_number(held, "sent")), int(_number(held, "received"))
    if received > sent:
        raise ValueError(f"{received} of {sent} echoes answered")
    return PingResult(sent, received, None if held.get("average_ms") is None else _number(held, "average_ms"))


def _parsed(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested without end") from None


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a peer's fault, not a caller's
    return value


def _text(held: Mapping[str, object], name: str) -> str:
    value = held.get(name)
    if not isinstance(value, str):
        raise ValueError(f"no {name}")  # noqa: TRY004
    return value


def _number(held: Mapping[str, object], name: str) -> float:
    value = held.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        raise ValueError(f"no {name}")
    return value
