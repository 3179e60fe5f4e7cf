"""A configuration as an ordered tree of lines, with banners and certificates as bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from device_templates.errors import NotParsable

#: What a terminal shows as ^C and a file must hold as this byte.
ETX = "\x03"
#: Lines around a configuration that are not of it.
PREAMBLE = re.compile(
    r"(Building configuration\.\.\.|Current configuration ?: \d+ bytes|Using \d+ out of \d+ bytes.*)$"
)
BANNER = re.compile(r"(?P<head>banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp|config-save)) (?P<rest>.+)$")
CERTIFICATE = re.compile(r"\s+certificate(?: [a-z-]+)? [0-9A-Fa-f]+$")
_CLOSING = re.compile(r"exit-(address-family|vrf|service-group|sxp|peer-policy|peer-session)$")
_HEX = re.compile(r"\s+[0-9A-Fa-f]{2,8}(?: [0-9A-Fa-f]{2,8})*\s*$")


#: IOS nests five levels at most.
_DEEPEST = 20
_AGAIN = "read the configuration again"


@dataclass(frozen=True, slots=True)
class Node:
    """One line with what stands under it; ``body`` holds the lines of a banner or certificate as they are."""

    text: str
    children: tuple[Node, ...] = ()
    body: tuple[str, ...] | None = None

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """This line and all below it, each with the lines above it, top down."""
        stack = [(path, self)]
        while stack:
            above, node = stack.pop()
            yield above, node
            stack.extend(((*above, node.text), child) for child in reversed(node.children))


@dataclass(frozen=True, slots=True)
class ConfigTree:
    """A whole configuration; comments, ``exit-…`` and ``end`` are structure, not lines."""

    nodes: tuple[Node, ...]

    def walk(self) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Every line with the lines above it, in order."""
        for node in self.nodes:
            yield from node.walk()

    def sections(self, head: str) -> Iterator[tuple[str, Node]]:
        """Top-level lines that begin with the words ``head``, with the rest of the line."""
        for node in self.nodes:
            if node.text == head or node.text.startswith(f"{head} "):
                yield node.text[len(head) :].strip(), node


def banner_delimiter(rest: str) -> str:
    """The delimiter that a banner's first line shows: ^C as two characters, or any one."""
    return "^C" if rest.startswith("^C") else rest[0]


@dataclass(slots=True)
class _Open:
    """A section while it is being read; ``places`` tells where in ``children`` a section stands."""

    indent: int
    text: str
    body: tuple[str, ...] | None
    children: list[Node] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Takes a line; a section that is opened again goes on where it stopped."""
        if node.children or node.body is not None:
            at = self.places.setdefault(node.text, len(self.children))
            if at < len(self.children):
                former = self.children[at]
                self.children[at] = Node(node.text, (*former.children, *node.children), node.body or former.body)
                return
        self.children.append(node)


def parse(text: str) -> ConfigTree:
    """Reads IOS text by its indentation; raises NotParsable on a banner or certificate without its end."""
    lines = iter(enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1))
    open_ = [_Open(-1, "", None)]

    def close(indent: int) -> None:
        while open_[-1].indent >= indent:
            done = open_.pop()
            open_[-1].add(Node(done.text, tuple(done.children), done.body))

    for number, raw in lines:
        if raw == "end":
            break
        line = raw.strip()
        if not line or line.startswith("!") or PREAMBLE.match(raw) or _CLOSING.match(line):
            continue
        indent = len(raw) - len(raw.lstrip())
        body = None
        close(indent)
        if indent == 0 and (banner := BANNER.match(raw)):
            line, body = banner["head"], _banner_body(banner["rest"], lines, number)
        elif CERTIFICATE.match(raw.rstrip()):
            body = _certificate_body(lines, number)
        if len(open_) > _DEEPEST:
            raise NotParsable("it is nested deeper than IOS writes", where=f"line {number}", remedy=_AGAIN)
        open_.append(_Open(indent, line, body))
    close(0)
    return ConfigTree(tuple(open_[0].children))


def _banner_body(rest: str, lines: Iterator[tuple[int, str]], number: int) -> tuple[str, ...]:
    delimiter = banner_delimiter(rest)
    text = rest[len(delimiter) :]
    body: list[str] = []
    while delimiter not in text:
        body.append(text)
        following = next(lines, None)
        if following is None:
            raise NotParsable("a banner has no end", where=f"line {number}", remedy=_AGAIN)
        text = following[1]
    body.append(text[: text.index(delimiter)])
    return tuple(line.rstrip() for line in body)


def _certificate_body(lines: Iterator[tuple[int, str]], number: int) -> tuple[str, ...]:
    body: list[str] = []
    for _, line in lines:
        if line.strip() == "quit":
            return tuple(body)
        if not _HEX.match(line):
            break
        body.append(line.strip())
    raise NotParsable("a certificate has no end", where=f"line {number}", remedy=_AGAIN)


def write(tree: ConfigTree) -> str:
    """Canonical IOS text that ``configure replace`` takes: one blank a level, banners with real delimiters."""
    out: list[str] = []
    for node in tree.nodes:
        out.extend(_written(node, 0))
        if node.children or node.body is not None:
            out.append("!")
    return "\n".join([*out, "end", ""])


def _written(node: Node, depth: int) -> Iterator[str]:
    lead = " " * depth
    if node.body is not None and node.text.startswith("banner "):
        yield f"{node.text} {ETX}" + "\n".join(node.body) + ETX
        return
    yield lead + node.text
    if node.body is not None:
        yield from (f"{lead} {line}" for line in node.body)
        yield f"{lead} quit"
    for child in node.children:
        yield from _written(child, depth + 1)
    if node.text.startswith("address-family ") or node.text == "address-family":
        yield f"{lead}exit-address-family"
