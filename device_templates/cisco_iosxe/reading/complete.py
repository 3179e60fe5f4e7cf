"""Whether a text is a whole configuration, and the form of it that can be loaded back."""

from __future__ import annotations

import re

from device_templates.cisco_iosxe.reading.tree import (
    BANNER,
    CERTIFICATE,
    ETX,
    MACRO,
    MACRO_END,
    PREAMBLE,
    banner_delimiter,
    parse,
)
from device_templates.errors import NotParsable

_SIZE = re.compile(r"^Current configuration ?: (\d+) bytes", re.MULTILINE)
#: The device counts the bytes that it stores; what it shows is a little more, never much less.
_LEAST_SHARE = 0.9
_LEAST_LINES = 5
_LONGEST_LINE = 2000
_HEX = re.compile(r"\s+[0-9A-Fa-f]{2,8}(?: [0-9A-Fa-f]{2,8})*\s*$")


def is_complete(text: str) -> str | None:
    """Why ``text`` is not a whole configuration, or None where it is.

    A truncated one never passes: the last line is ``end``, banners and certificates are closed, there is a host name,
    and it is not shorter than its own header says.
    """
    lines = text.replace("\r\n", "\n").rstrip("\n \r").split("\n")
    if any(len(line) > _LONGEST_LINE for line in lines):
        return f"it has a line of more than {_LONGEST_LINE} characters, which no IOS line has"
    if lines[-1].rstrip() != "end":
        return "it does not end with the line: end"
    try:
        tree = parse(text)
    except NotParsable as error:
        return error.message
    texts = [node.text for node in tree.nodes]
    if not any(line.startswith("hostname ") for line in texts):
        return "it has no hostname"
    if len(texts) < _LEAST_LINES:
        return f"it has only {len(texts)} lines"
    errors = [line for line in texts if line.startswith("%")]
    if errors:
        return "it holds a message of the device instead of a line"
    return _shorter_than_said(text) or _goes_on(lines, text)


def begins_again(text: str) -> int:
    """The line where a second configuration begins: what comes after the ``end`` of the first, else its host name's."""
    try:
        tree = parse(text)
    except NotParsable:
        return 0
    names = [node.line for node in tree.nodes if node.text.startswith("hostname ")]
    if len(names) > 1:
        return names[1]
    rest = text.split("\n")[tree.end :] if tree.end else []
    if not any(line.startswith("hostname ") for line in rest):
        return 0
    return tree.end + next(number for number, line in enumerate(rest, 1) if line.strip(" \r!"))


def _shorter_than_said(text: str) -> str | None:
    said = _SIZE.search(text)
    if said and len(text.encode()) < int(said[1]) * _LEAST_SHARE:
        return f"it has {len(text.encode())} bytes where the device says {said[1]}"
    return None


def _goes_on(lines: list[str], text: str) -> str | None:
    """A line ``end`` before the last one, outside banners, means that two outputs were mixed."""
    restored = restorable(text).rstrip("\n").split("\n")
    return "it goes on after the line: end" if len(restored) < len(lines) - _preamble(lines) else None


def _preamble(lines: list[str]) -> int:
    return next((number for number, line in enumerate(lines) if line.strip() and not PREAMBLE.match(line)), len(lines))


def restorable(text: str) -> str:
    """The form that can be loaded back: from the first line of the configuration to ``end``.

    ``^C`` around banners becomes the byte it stands for, certificates have their ``quit``, line ends are ``\\n``.
    A text that is not complete comes back as far as it goes; ask ``is_complete`` first.
    """
    out: list[str] = []
    banner = certificate = ""
    started = macro = False
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n"):
        line = raw
        if not started and (not line.strip() or PREAMBLE.match(line)):
            continue
        started = True
        if certificate:
            if line.strip() == "quit":
                certificate, line = "", "  quit"
            elif not _HEX.match(line):
                out.append("  quit")
                certificate = ""
        if macro or MACRO.match(line.rstrip()):
            macro = line.rstrip() != MACRO_END
        elif banner:
            line, banner = _within(line, banner)
        elif found := BANNER.match(line):
            line, banner = _opening(found)
        elif CERTIFICATE.match(line.rstrip()):
            certificate = line
        ends = line.rstrip() == "end" and not banner and not macro
        out.append("end" if ends else line)
        if ends:
            break
    return "\n".join([*out, ""])


def _opening(found: re.Match[str]) -> tuple[str, str]:
    """A banner's first line with a real delimiter, and the delimiter that closes it ("" where it is closed)."""
    delimiter = banner_delimiter(found["rest"])
    text, closed, _ = found["rest"][len(delimiter) :].partition(delimiter)
    return f"{found['head']} {ETX}{text}{ETX if closed else ''}", "" if closed else delimiter


def _within(line: str, delimiter: str) -> tuple[str, str]:
    text, closed, _ = line.partition(delimiter)
    return f"{text}{ETX if closed else ''}", "" if closed else delimiter
