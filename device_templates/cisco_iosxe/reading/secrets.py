"""Where secrets stand in configuration lines: found, compared as what they mean, and hidden."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from device_templates.cisco_iosxe.type7 import reveal
from device_templates.texts import Mark, fingerprint

_TYPE7 = re.compile(r"(?<![0-9A-Za-z])\d{2}(?:[0-9A-Fa-f]{2})+(?![0-9A-Za-z])")
#: Shorter values would hide half of a configuration; secrets of that length stand only where patterns find them.
_LEAST_KNOWN = 4
#: What a secret may stand behind in a line of no known form.
_MAY_FOLLOW = re.compile(r"(?:secret|password|passphrase|psk|community|(?<!tunnel )key(?:-string)?) (?:\d )?(?=\S)")
#: No line of a configuration is longer; one that is, is hidden as a whole, for patterns would take too long on it.
_LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a line: from ``start`` to ``end`` stand its type and itself; ``plain`` is what it means."""

    start: int
    end: int
    plain: str = field(repr=False)
    kind: str


def _table() -> dict[str, list[str]]:
    text = resources.files("device_templates.cisco_iosxe").joinpath("secret_lines.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in _table()["patterns"])


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in _table()["words"]))


@lru_cache(maxsize=8192)
def secrets_in(line: str) -> tuple[Found, ...]:
    """The secrets that ``line`` holds, by place; the first pattern that finds one at a place decides."""
    if len(line) > _LONGEST_LINE:
        return (Found(0, len(line), line, ""),)
    if not _words().search(line):
        return ()
    found: dict[int, Found] = {}
    for pattern in _patterns():
        for match in pattern.finditer(line):
            for one in _values(match):
                if not any(one.start < other.end and other.start < one.end for other in found.values()):
                    found[one.start] = one
    return tuple(found[start] for start in sorted(found))


def _values(match: re.Match[str]) -> Iterator[Found]:
    groups = match.groupdict()
    for name in ("v", "v2"):
        if groups.get(name):
            kind = groups.get("t") or groups.get("s") or ""
            start = match.start("t") if groups.get("t") and name == "v" else match.start(name)
            end = match.end("s") if groups.get("s") and name == "v" else match.end(name)
            yield Found(start, end, _plain(match[name], kind), kind)


def _plain(value: str, kind: str) -> str:
    return (reveal(value) or value) if kind == "7" else value


def meaning(line: str, mark: Mark) -> str:
    """``line`` with every secret, its type included, replaced by what ``mark`` makes of its plain value."""
    out, at = [], 0
    for one in secrets_in(line):
        out += [line[at : one.start], mark(one.plain)]
        at = one.end
    return "".join([*out, line[at:]])


def redact(text: str, known_secrets: Iterable[str] = (), mark: Mark = fingerprint) -> str:
    """``text`` without its secrets: each becomes ``<secret:FINGERPRINT>``, equal secrets the same.

    Finds what the platform's secret-bearing lines hold, and each of ``known_secrets`` wherever it stands, in clear or
    as type 7. Works on fragments and differences too.
    """
    known = sorted({value for value in known_secrets if len(value) >= _LEAST_KNOWN}, key=len, reverse=True)
    short = {value for value in known_secrets if value}

    def hidden(value: str) -> str:
        return f"<secret:{mark(value)}>"

    def one_line(line: str) -> str:
        line = meaning(line, hidden)
        for value in known:
            line = line.replace(value, hidden(value))
        return _TYPE7.sub(lambda found: hidden(reveal(found[0]) or "") if reveal(found[0]) in short else found[0], line)

    return "\n".join(_each(text, one_line))


def redact_unknown(line: str) -> str:
    """A line that nobody understands, without its secrets and without what follows a word that secrets follow."""
    hidden = redact(line, {one.plain for one in secrets_in(line)})
    found = _MAY_FOLLOW.search(hidden)
    if found is None or "<secret:" in hidden:
        return hidden
    return f"{hidden[: found.end()]}<secret:{fingerprint(hidden[found.end() :])}>"


def _each(text: str, change: Callable[[str], str]) -> Iterator[str]:
    """Lines changed one by one; the numbers of a key chain are no keys."""
    section = ""
    for line in text.split("\n"):
        if line[:1].strip() and line[0] not in "!+-":
            section = line
        number = section.startswith("key chain ") and re.fullmatch(r"\s*key \d+\s*", line)
        yield line if number else change(line)
