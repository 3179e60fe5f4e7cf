"""JSON that means one thing: no key twice, no NaN, no text that is no text, no depth that hurts [RFC 7493]."""

from __future__ import annotations

import json
import re
from typing import Any

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
#: No number of ours is longer; Python's own conversion takes quadratic time.
LONGEST_NUMBER = 32


class NotStrict(ValueError):
    """A body that is not JSON, or means more than one thing; the message quotes at most a key."""


def read(body: bytes, max_depth: int) -> Any:
    """The value of a document; NotStrict says what is wrong with it."""
    if _depth(body) > max_depth:
        raise NotStrict(f"it is nested deeper than {max_depth}")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair cannot be stored
    except UnicodeDecodeError:
        raise NotStrict("it is not UTF-8") from None
    except UnicodeEncodeError:
        raise NotStrict("a text in it holds half a character") from None
    except json.JSONDecodeError as error:
        raise NotStrict(f"{error.msg.lower()} at character {error.pos}") from None
    except RecursionError:
        raise NotStrict("it is nested too deeply") from None
    return value


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise NotStrict(f"a key occurs twice: {key[:40]!r}")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise NotStrict(f"{name} is no number")


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise NotStrict("a number in it is too long")
    return int(text)


def _number(text: str) -> float:
    value = float(text) if len(text) <= 4 * LONGEST_NUMBER else float("inf")
    if value in (float("inf"), float("-inf")):
        raise NotStrict("a number in it is too large")
    return value
