"""A configuration as an ordered tree of lines, certificates and kept texts as bodies; it forgets no line."""

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
#: A text for people, between two delimiters.
BANNER = re.compile(
    r"(?P<head>banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp|config-save)|menu \S+ (?:title|prompt)"
    r"|aaa authentication (?:banner|fail-message)|\s+(?:vacant|refuse)-message) (?P<rest>.+)$"
)
_BANNERS = ("banner ", "menu ", "aaa authentication ", "vacant-message ", "refuse-message ")
#: Lines that are kept to be entered later, up to the one that ends them: no lines of the configuration.
MACRO = re.compile(r"macro name \S+$")
MACRO_END = "@"
CERTIFICATE = re.compile(r"\s+certificate(?: [a-z-]+)? [0-9A-Fa-f]+$")
_CLOSING = re.compile(r"exit-(address-family|af-interface|af-topology|vrf|service-group|sxp|peer-policy|peer-session)$")
_HEX = re.compile(r"\s+[0-9A-Fa-f]{2,8}(?: [0-9A-Fa-f]{2,8})*\s*$")


#: IOS nests five levels at most.
_DEEPEST = 20
_AGAIN = "read the configuration again"


#: A line of a text with what ends it, whatever that is.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Node:
    """One line with what stands under it; ``body`` holds the lines of a banner, macro or certificate as they are.

    ``line`` is its number in the text that was read, from 1, or 0; it makes no difference between two nodes.
    """

    text: str
    children: tuple[Node, ...] = ()
    body: tuple[str, ...] | None = None
    line: int = field(default=0, compare=False)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """This line and all below it, each with the lines above it, top down."""
        stack = [(path, self)]
        while stack:
            above, node = stack.pop()
            yield above, node
            stack.extend(((*above, node.text), child) for child in reversed(node.children))


@dataclass(frozen=True, slots=True)
class ConfigTree:
    """A whole configuration; comments, ``exit-…`` and ``end`` are structure, not lines.

    ``source`` is every line that was read with its end, ``said`` how many of them say something, and ``end`` the number
    of the line ``end``, 0 without one.
    """

    nodes: tuple[Node, ...]
    source: tuple[str, ...] = field(default=(), compare=False, repr=False)
    said: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

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
    line: int
    children: list[Node] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Takes a line; a section that is opened again goes on where it stopped."""
        if node.children or node.body is not None:
            at = self.places.setdefault(node.text, len(self.children))
            if at < len(self.children):
                former = self.children[at]
                children = (*former.children, *node.children)
                self.children[at] = Node(node.text, children, node.body or former.body, former.line)
                return
        self.children.append(node)


def parse(text: str) -> ConfigTree:
    """Reads IOS text by its indentation; raises NotParsable on a banner, macro or certificate without its end."""
    source = tuple(_LINE.findall(text))
    lines = iter(enumerate((line.rstrip("\r\n") for line in source), 1))
    open_ = [_Open(-1, "", None, 0)]
    said = end = 0

    def close(indent: int) -> None:
        while open_[-1].indent >= indent:
            done = open_.pop()
            open_[-1].add(Node(done.text, tuple(done.children), done.body, done.line))

    for number, raw in lines:
        if raw.rstrip() == "end":
            end = number
            break
        line = raw.strip()
        if _is_structure(line, raw):
            continue
        indent = len(raw) - len(raw.lstrip())
        close(indent)
        line, body = _with_body(line, raw, lines, number)
        if len(open_) > _DEEPEST:
            raise NotParsable("it is nested deeper than IOS writes", where=f"line {number}", remedy=_AGAIN)
        open_.append(_Open(indent, line, body, number))
        said += 1
    close(0)
    return ConfigTree(tuple(open_[0].children), source, said, end)


def shown(tree: ConfigTree) -> str:
    """The text that a tree was read from, to the byte."""
    return "".join(tree.source)


def _is_structure(line: str, raw: str) -> bool:
    """Whether a line says nothing: blank, a comment, around a configuration, or the end of a section."""
    if not line or line[0] == "!":
        return True
    if line[0] in "BCU":
        return PREAMBLE.match(raw) is not None
    return line.startswith("exit-") and _CLOSING.match(line) is not None


def _with_body(
    line: str, raw: str, lines: Iterator[tuple[int, str]], number: int
) -> tuple[str, tuple[str, ...] | None]:
    """A line without its text, and the text that it begins, taken from ``lines``; None where it begins none."""
    if line.startswith(_BANNERS) and (banner := BANNER.match(raw)):
        return banner["head"].strip(), _banner_body(banner["rest"], lines, number)
    if line.startswith("certificate ") and CERTIFICATE.match(raw.rstrip()):
        return line, _certificate_body(lines, number)
    if line.startswith("macro ") and MACRO.match(raw.rstrip()):
        return line, _macro_body(lines, number)
    return line, None


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


def _macro_body(lines: Iterator[tuple[int, str]], number: int) -> tuple[str, ...]:
    body: list[str] = []
    for _, line in lines:
        if line.rstrip() == MACRO_END:
            return tuple(body)
        body.append(line.rstrip())
    raise NotParsable(f"a macro has no end: a line {MACRO_END}", where=f"line {number}", remedy=_AGAIN)


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
    if node.body is not None and f"{node.text} ".startswith(_BANNERS):
        yield f"{lead}{node.text} {ETX}" + "\n".join(node.body) + ETX
        return
    if node.body is not None and MACRO.match(node.text):
        yield from (node.text, *node.body, MACRO_END)
        return
    yield lead + node.text
    if node.body is not None:
        yield from (f"{lead} {line}" for line in node.body)
        yield f"{lead} quit"
    for child in node.children:
        yield from _written(child, depth + 1)
    if node.text.startswith("address-family ") or node.text == "address-family":
        yield f"{lead}exit-address-family"
