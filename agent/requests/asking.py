"""From what a person or program writes to a submission: pairs of name and value, or a JSON document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from agent.errors import Refused
from agent.requests.model import Submission
from inventory.loading.words import sentences

_PAIR = re.compile(r"([a-z][a-z_]{0,40})=(.{0,500})", re.DOTALL)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")


def read_pairs(pairs: Iterable[str]) -> dict[str, JsonValue]:
    """Parameters from ``name=value`` words: digits are a number, ``a,b`` or ``a,`` a list; each name once."""
    found: dict[str, JsonValue] = {}
    for pair in pairs:
        match = _PAIR.fullmatch(pair)
        if match is None:
            raise Refused(f"{pair[:60]!r} is no parameter", remedy="write name=value, as vpn=corporate")
        name, text = match.groups()
        if name in found:
            raise Refused(f"{name} is given twice", remedy="give it once; a list is name=a,b")
        found[name] = [_value(part) for part in text.split(",") if part] if "," in text else _value(text)
    return found


def _value(text: str) -> JsonValue:
    return int(text) if _NUMBER.fullmatch(text) else text


def read_wishes(pairs: Iterable[str]) -> dict[str, JsonValue]:
    """The customer's wishes beside the change itself, from ``name=value`` words."""
    found: dict[str, JsonValue] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name not in ("reference", "not_before", "expedite") or not text or name in found:
            raise Refused(f"{pair[:60]!r} is no wish", remedy="give each once: reference=…, not_before=…, expedite=yes")
        if name == "expedite" and text not in ("yes", "no"):
            raise Refused("expedite is yes or no", remedy="write expedite=yes")
        found[name] = text == "yes" if name == "expedite" else text
    return found


def submission_of(document: Mapping[str, Any]) -> Submission:
    """A submission from a JSON document; Refused, in plain words, where it is none."""
    try:
        return Submission.model_validate(document)
    except ValidationError as error:
        told = sentences(error, document, Submission)
        words = "; ".join(f"{'.'.join(map(str, one.path))[:60] or 'it'} {one.message}" for one in told[:10])
        raise Refused(f"this is no request: {words}", remedy="see docs/requests.md") from None
