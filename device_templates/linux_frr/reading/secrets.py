"""Where secrets stand in the files of a router and in what it shows: found, told by fingerprints, hidden."""

from __future__ import annotations

import base64
import binascii
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from device_templates.linux_frr.reading.syntax.settings import unquoted
from device_templates.texts import Mark, fingerprint

#: Shorter values would hide half of a configuration; secrets of that length stand only where patterns find them.
_LEAST_KNOWN = 4
#: No line of a file is longer; one that is, is hidden as a whole unless it is JSON, for patterns would take too long.
_LONGEST_LINE = 4000
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
_END = re.compile(r"-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----")
_HIDDEN = re.compile(r"\s*<secret:[0-9A-Za-z]+>\s*")
_JSON_PART = re.compile(r'"(?:[^"\\]|\\.)*"|,')


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a line: from ``start`` to ``end`` it stands, with its quotes; ``plain`` is what it means."""

    start: int
    end: int
    plain: str = field(repr=False)


def _bytes(value: str) -> str:
    """What strongSwan reads: without quotes, and out of the forms in which it takes bytes (0x… and 0s…)."""
    bare = unquoted(value)
    try:
        if bare.startswith("0s"):
            return base64.b64decode(bare[2:], validate=True).decode()
        if bare.startswith("0x"):
            return binascii.unhexlify(bare[2:]).decode()
    except ValueError:
        return bare
    return bare


def _json(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"'))
    except ValueError:
        return value


#: What the groups of a pattern mean.
_PLAIN = {"v": unquoted, "v2": unquoted, "s": _bytes, "j": _json}


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    text = resources.files("device_templates.linux_frr").joinpath("secret_lines.toml").read_text(encoding="utf-8")
    return tuple(re.compile(pattern) for pattern in tomllib.loads(text)["patterns"])


@lru_cache(maxsize=8192)
def secrets_in(line: str) -> tuple[Found, ...]:
    """The secrets that ``line`` holds, by place; the first pattern that finds one at a place decides."""
    found: list[Found] = []
    for pattern in _patterns():
        for match in pattern.finditer(line):
            for name, value in match.groupdict().items():
                start, end = match.span(name)
                taken = any(start < other.end and other.start < end for other in found)
                if value and not taken and not _HIDDEN.fullmatch(unquoted(value)):
                    found.append(Found(start, end, _PLAIN[name](value)))
    return tuple(sorted(found, key=lambda one: one.start))


def meaning(line: str, mark: Mark, known: Callable[[str], str] = str) -> str:
    """``line`` with every secret, its quotes included, replaced by what ``mark`` makes of its plain value.

    What stands between secrets becomes what ``known`` makes of it.
    """
    out, at = [], 0
    for one in secrets_in(line):
        out += [known(line[at : one.start]), mark(one.plain)]
        at = one.end
    return "".join([*out, known(line[at:])])


def redact(text: str, known_secrets: Iterable[str] = (), mark: Mark = fingerprint) -> str:
    """``text`` with ``<secret:MARK>`` in place of each secret, equal secrets alike.

    Finds what the lines of the platform's files and the router's JSON hold, and each of ``known_secrets`` wherever it
    stands: as it is, escaped or in base64. Works on fragments and differences too.
    """

    def hidden(value: str) -> str:
        return f"<secret:{mark(value)}>"

    forms = _forms(known_secrets)
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) or "(?!)")

    def known(part: str) -> str:
        return pattern.sub(lambda found: hidden(forms[found[0]]), part)

    return "\n".join(_each(text, lambda line: _one(line, known, hidden), hidden))


def redact_shown(text: str, known_secrets: Iterable[str] = ()) -> str:
    """``redact``: a router of this platform shows no secret that only it can decipher."""
    return redact(text, known_secrets)


def _forms(known_secrets: Iterable[str]) -> dict[str, str]:
    """Each way in which a known secret may be written, with the secret."""
    forms: dict[str, str] = {}
    for value in known_secrets:
        if len(value) >= _LEAST_KNOWN:
            coded = base64.b64encode(value.encode(errors="replace")).decode()
            for form in (value, json.dumps(value)[1:-1], value.replace("\\", "\\\\").replace('"', '\\"'), coded):
                forms.setdefault(form, value)
    return forms


def _each(text: str, change: Callable[[str], str], hidden: Mark) -> Iterator[str]:
    """Lines changed one by one; the lines of a private key are one secret."""
    key: list[str] | None = None
    for line in text.split("\n"):
        if key is not None and not _END.search(line):
            key.append(line)
            continue
        if key is not None:
            yield hidden("\n".join(key))
        yield change(line)
        key = [] if _BEGIN.search(line) and not _END.search(line) else None
    if key is not None:
        yield hidden("\n".join(key))


def _one(line: str, known: Callable[[str], str], hidden: Mark) -> str:
    """One line; of a longer one than files have, the pieces of its JSON, or it is hidden as a whole."""
    if len(line) <= _LONGEST_LINE:
        return meaning(line, hidden, known)
    pieces = _json_pieces(line) if line.lstrip()[:1] in ("{", "[") else [line]
    return "".join(meaning(one, hidden, known) if len(one) <= _LONGEST_LINE else hidden(one) for one in pieces)


def _json_pieces(line: str) -> list[str]:
    """JSON cut behind the commas that stand outside of its strings."""
    cuts = [found.end() for found in _JSON_PART.finditer(line) if found[0] == ","]
    return [line[start:end] for start, end in pairwise([0, *cuts, len(line)])]
