"""An IOS configuration as an ordered, immutable tree: read, looked up, changed line by line, written canonically."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from agent.lab.errors import ConfigTextError

#: Section headers from the top to a place in the tree; () is the top.
Path = tuple[str, ...]

ETX = "\x03"
_DEEPEST = 12
_BANNER = re.compile(r"(banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp)) (\S)(.*)", re.DOTALL)
_CERTIFICATE = re.compile(r"certificate (?:ca |self-signed |ra-\w+ )?[0-9A-Fa-f]+(?: nvram:\S+)?$")
_NOISE = re.compile(r"(Building configuration|Current configuration ?:|Using \d+ (out of|bytes))")
_CLOSERS = {"exit-address-family", "exit-vrf", "exit", "exit-peer-policy", "exit-peer-session"}
_PADDED = re.compile(  # lines that IOS writes with a space at their end
    r"crypto ikev2 (proposal|policy) |match identity remote address |crypto ipsec transform-set |set transform-set "
    r"|route-map \S+ (permit|deny) |snmp-server group |aaa authorization exec "
)
_CLOSED = re.compile(r"address-family\b")


class Layout(Protocol):
    """What a platform knows of its lines: which replace each other, and in which order they are written."""

    def slot(self, path: Path, text: str) -> str:
        """The place a line takes: of two lines of one section with the same slot only the later remains."""

    def order(self, path: Path, text: str) -> tuple[object, ...]:
        """Where the line stands in its section; lines with equal order keep the order they came in."""


class _Lookup:
    """Lookups by leading words, shared by a tree and a line; ``child("ip address")`` never finds ``ip addresses``."""

    __slots__ = ()

    def _under(self) -> tuple[Line, ...]:
        raise NotImplementedError

    def children(self, prefix: str) -> tuple[Line, ...]:
        """The direct children that start with these words, in order."""
        words = prefix.strip()
        lead = words + " "
        return tuple(line for line in self._under() if line.text == words or line.text.startswith(lead))

    def child(self, prefix: str) -> Line | None:
        """The first direct child that starts with these words."""
        return next(iter(self.children(prefix)), None)

    def value(self, prefix: str) -> str | None:
        """What follows these words in the first child that has them; "" where nothing follows."""
        found = self.child(prefix)
        return None if found is None else found.text[len(prefix.strip()) :].strip()

    def has(self, prefix: str) -> bool:
        """Whether a direct child starts with these words."""
        return self.child(prefix) is not None


@dataclass(frozen=True, slots=True)
class Line(_Lookup):
    """One line; ``body`` is the free text of a banner or certificate (None for every other line)."""

    text: str
    lines: tuple[Line, ...] = ()
    body: str | None = None

    def _under(self) -> tuple[Line, ...]:
        return self.lines

    @property
    def words(self) -> list[str]:
        """The words of the line itself."""
        return self.text.split()


@dataclass(frozen=True, slots=True)
class ConfigTree(_Lookup):
    """A whole configuration. ``version …`` is a line like any other; ``!`` and ``end`` are not kept."""

    lines: tuple[Line, ...] = ()

    def _under(self) -> tuple[Line, ...]:
        return self.lines

    @classmethod
    def parse(cls, text: str, *, headers: bool = True) -> ConfigTree:
        """Read IOS text by its indentation. Raises ConfigTextError on an unterminated banner or certificate.

        ``headers``: skip what ``show running-config`` writes above the configuration; a file should not hold it.
        """
        return cls(_Reader(text, headers).read())

    def section(self, *path: str) -> Line | None:
        """The section at exactly these headers, e.g. ``section("router bgp 65010", "address-family ipv4 vrf X")``."""
        lines, found = self.lines, None
        for header in path:
            found = next((line for line in lines if line.text == header), None)
            if found is None:
                return None
            lines = found.lines
        return found

    def interfaces(self) -> tuple[Line, ...]:
        """All ``interface X`` sections."""
        return self.children("interface")

    def walk(self) -> Iterator[tuple[Path, Line]]:
        """Every line with the headers above it, top down."""
        stack: list[tuple[Path, Line]] = [((), line) for line in reversed(self.lines)]
        while stack:
            path, line = stack.pop()
            yield path, line
            stack.extend(((*path, line.text), child) for child in reversed(line.lines))

    def put(self, path: Path, line: Line, layout: Layout) -> ConfigTree:
        """Add ``line`` under ``path`` (the sections are made where missing); a line in the same slot is replaced.

        A section that exists keeps its children: entering it again changes nothing.
        """

        def change(lines: tuple[Line, ...]) -> tuple[Line, ...]:
            slot = layout.slot(path, line.text)
            new = line
            rest = []
            for old in lines:
                if old.text == line.text and old.body == line.body:
                    return lines
                if layout.slot(path, old.text) == slot:
                    new = replace(line, lines=line.lines or old.lines)
                else:
                    rest.append(old)
            return _insert(rest, new, lambda text: layout.order(path, text))

        return ConfigTree(_changed(self.lines, (), path, change, layout))

    def drop(self, path: Path, slot: str, layout: Layout) -> ConfigTree:
        """Remove what is in ``slot`` under ``path``, and slots that begin with its words (``neighbor X``)."""
        if path and self.section(*path) is None:
            return self
        lead = slot + " "

        def change(lines: tuple[Line, ...]) -> tuple[Line, ...]:
            slots = ((line, layout.slot(path, line.text)) for line in lines)
            return tuple(line for line, own in slots if own != slot and not own.startswith(lead))

        return ConfigTree(_changed(self.lines, (), path, change, layout))

    def render(self, *, delimiter: str = ETX) -> str:
        """Canonical IOS text from the first line to ``end``; ``delimiter`` is ``^C`` on a terminal, ETX in a file."""
        out: list[str] = []
        for line in self.lines:
            big = bool(line.lines) or line.body is not None or line.text.startswith(("interface ", "control-plane"))
            if big and out and out[-1] != "!":
                out.append("!")
            out.extend(_written(line, 0, delimiter))
            if big:
                out.append("!")
        if out and out[-1] != "!":
            out.append("!")
        return "\n".join([*out, "end", ""])


def _insert(lines: list[Line], new: Line, order: Callable[[str], tuple[object, ...]]) -> tuple[Line, ...]:
    own = order(new.text)
    at = len(lines)
    while at and order(lines[at - 1].text) > own:
        at -= 1
    return (*lines[:at], new, *lines[at:])


def _changed(
    lines: tuple[Line, ...],
    done: Path,
    path: Path,
    change: Callable[[tuple[Line, ...]], tuple[Line, ...]],
    layout: Layout,
) -> tuple[Line, ...]:
    """``lines``, which stand under ``done``, with ``change`` made at ``path`` below them; missing sections are made."""
    if not path:
        return change(lines)
    header = path[0]
    for at, line in enumerate(lines):
        if line.text == header:
            inner = _changed(line.lines, (*done, header), path[1:], change, layout)
            return (*lines[:at], replace(line, lines=inner), *lines[at + 1 :])
    inner = _changed((), (*done, header), path[1:], change, layout)
    return _insert(list(lines), Line(header, inner), lambda text: layout.order(done, text))


def _written(line: Line, depth: int, delimiter: str) -> Iterator[str]:
    lead = " " * depth
    if line.body is not None and line.text.startswith("banner "):
        yield f"{lead}{line.text} {delimiter}{line.body}{delimiter}"
        return
    yield lead + line.text + (" " if _PADDED.match(line.text) else "")
    if line.body is not None:
        yield from (f"{lead} {row}" for row in line.body.splitlines())
        yield f"{lead} \tquit"
    for child in line.lines:
        if _CLOSED.match(child.text):
            yield f"{lead} !"
        yield from _written(child, depth + 1, delimiter)
        if _CLOSED.match(child.text):
            yield f"{lead} exit-address-family"
        elif child.text.startswith("peer ") and line.text.startswith("crypto ikev2 keyring "):
            yield f"{lead} !"


def indent_of(row: str) -> int:
    """How far a row is indented, in characters."""
    return len(row) - len(row.lstrip(" \t"))


@dataclass(slots=True)
class _Open:
    """A section while it is being read."""

    indent: int
    text: str
    body: str | None
    lines: list[Line]

    def closed(self) -> Line:
        return Line(self.text, tuple(self.lines), self.body)


class _Reader:
    """Reads a text once, from the first line to the last."""

    def __init__(self, text: str, headers: bool) -> None:
        self._headers = headers
        self._rows = text.replace("\r\n", "\n").split("\n")
        self._at = 0
        self._top: list[Line] = []
        self._stack: list[_Open] = []

    def read(self) -> tuple[Line, ...]:
        while self._at < len(self._rows):
            row = self._rows[self._at]
            self._at += 1
            text = row.strip(" \t\r")
            if not text or text.startswith("!") or text in _CLOSERS or (text == "end" and row == text):
                continue
            if self._headers and indent_of(row) == 0 and _NOISE.match(text):
                continue
            self._line(indent_of(row), text, row)
        self._close(0)
        return tuple(self._top)

    def _line(self, indent: int, text: str, row: str) -> None:
        self._close(indent)
        body = None
        banner = _BANNER.match(row.lstrip(" "))
        if banner:
            text, body = banner.group(1), self._banner(banner.group(2), banner.group(3))
        elif _CERTIFICATE.match(text) and self._stack and self._stack[-1].text.startswith("crypto pki cert"):
            body = self._certificate()
        if len(self._stack) >= _DEEPEST:
            raise ConfigTextError(f"sections stand more than {_DEEPEST} deep", self._at)
        self._stack.append(_Open(indent, text, body, []))

    def _close(self, indent: int) -> None:
        while self._stack and self._stack[-1].indent >= indent:
            done = self._stack.pop().closed()
            (self._stack[-1].lines if self._stack else self._top).append(done)

    def _banner(self, delimiter: str, first: str) -> str:
        start, rows, rest = self._at, [], first
        while delimiter not in rest:
            rows.append(rest)
            if self._at >= len(self._rows):
                raise ConfigTextError("the banner that starts here has no closing delimiter", start)
            rest = self._rows[self._at]
            self._at += 1
        rows.append(rest.split(delimiter, 1)[0])
        return "\n".join(rows)

    def _certificate(self) -> str:
        start = self._at
        rows: list[str] = []
        while self._at < len(self._rows):
            row = self._rows[self._at].strip()
            self._at += 1
            if row == "quit":
                return "\n".join(rows)
            rows.append(row)
        raise ConfigTextError("the certificate that starts here has no quit line", start)
