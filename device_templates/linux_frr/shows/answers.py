"""JSON that the router's program gives: taken apart without trust, and laid out for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from device_templates.shows import VpnRef


class Answer:
    """One value of an answer; what is not there, or is something else, is empty."""

    def __init__(self, value: object) -> None:
        self.value = value

    @classmethod
    def of(cls, text: str) -> Answer:
        """The answer that ``text`` is; an empty one where it is no JSON."""
        try:
            return cls(json.loads(text))
        except (ValueError, RecursionError):
            return cls(None)

    def __getitem__(self, key: str) -> Answer:
        return Answer(self.value.get(key) if isinstance(self.value, dict) else None)

    @property
    def told(self) -> bool:
        """Whether there is anything; null is nothing."""
        return self.value is not None

    def text(self) -> str:
        """A text, or a number as one."""
        return str(self.value) if isinstance(self.value, str | int | float) else ""

    def number(self) -> int | None:
        """A whole number, also one that is written as a text."""
        value = self.value
        if isinstance(value, bool):
            return None
        if isinstance(value, str):
            return int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else None
        return int(value) if isinstance(value, int | float) and abs(value) < 1e18 else None

    def real(self) -> float | None:
        """A number."""
        value = self.value
        return float(value) if isinstance(value, int | float) and abs(value) < 1e18 else None

    def rows(self) -> list[Answer]:
        """The members of a list."""
        return [Answer(one) for one in self.value] if isinstance(self.value, list) else []

    def items(self) -> list[tuple[str, Answer]]:
        """The members of an object."""
        return [(str(key), Answer(one)) for key, one in self.value.items()] if isinstance(self.value, dict) else []

    def moment(self) -> datetime | None:
        """A moment, where it is one in UTC."""
        try:
            at = datetime.fromisoformat(self.text())
            return at.astimezone(UTC) if at.tzinfo is not None else None
        except (ValueError, OverflowError):
            return None


def of_vpn(answer: Answer, vpn: VpnRef) -> Answer:
    """What an answer tells of one VPN."""
    return answer["vpns"][vpn.name]


def laid_out(answer: Answer) -> str:
    """An answer for people: one line for each object, with what it says."""
    try:
        return "\n".join(_lines("", answer.value))
    except RecursionError:
        return "an answer without end"


def _lines(place: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        plain = {key: one for key, one in value.items() if not isinstance(one, dict) and not _holds_objects(one)}
        if plain:
            yield f"{place}: {' '.join(f'{key}={_word(one)}' for key, one in plain.items())}".removeprefix(": ")
        for key, one in value.items():
            if key not in plain:
                yield from _lines(f"{place} {key}".strip(), one)
    elif isinstance(value, list) and value:
        for one in value:
            yield from _lines(place, one)
    elif value is None or value == []:
        yield f"{place}: {'not told' if value is None else 'none'}"
    else:
        yield f"{place}: {_word(value)}"


def _holds_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _word(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return json.dumps(value) if isinstance(value, bool) or value is None else str(value)
