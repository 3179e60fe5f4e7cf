"""The document: every file of a router's configuration in one text that can prove that it is whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from device_templates.errors import NotParsable

FIRST = "%% spokesman linux_frr 1"
#: No configuration has more characters.
LARGEST = 4 * 1024 * 1024
_AGAIN = "read the configuration again"

_VPN = r"[a-z][a-z0-9_-]{0,31}"
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_PATHS = re.compile(
    "|".join(
        (
            r"etc/spokesman/(?:network\.toml|users|qos\.tc)",
            rf"etc/frr/{_VPN}/frr\.conf",
            r"etc/swanctl/swanctl\.conf",
            rf"etc/swanctl/x509(?:ca|crl)?/{_NAME}\.pem",
            rf"etc/swanctl/(?:private|rsa|ecdsa|pkcs8)/{_NAME}\.pem",
            rf"etc/nftables/(?:front-door|{_VPN})\.nft",
            rf"etc/snmp/(?:{_VPN}/)?snmpd\.conf",
            r"etc/ssh/sshd_config",
            r"etc/rsyslog\.conf",
            r"etc/chrony/chrony\.(?:conf|keys)",
            r"etc/issue\.net",
            rf"etc/keepalived/{_VPN}\.conf",
        )
    )
)
_LAST = re.compile(r"%% end (\d{1,6}) ([0-9a-f]{64})\n\Z")
#: The last line, right or wrong.
_SEAL = re.compile(r"^%% end\b.*\n\Z", re.MULTILINE)
_MARKER = re.compile(r"^%%", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class File:
    """One file: ``path`` relative to the root, ``content`` empty or ending with a newline; it may hold secrets.

    ``line`` is the number of its marker in the text that was read, or 0; it makes no difference between two files.
    """

    path: str
    content: str = field(repr=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """All files, in the order of their paths."""

    files: tuple[File, ...]

    def content(self, path: str) -> str | None:
        """The content of one file, None where there is no such file."""
        return next((one.content for one in self.files if one.path == path), None)


def recognises(text: str) -> bool:
    """Whether a text is, or begins as, a document."""
    return text[:200].lstrip().startswith(FIRST.rpartition(" ")[0] + " ")


def begins_again(text: str) -> int:
    """The line where a second document begins, 0 where there is none."""
    starts = [number for number, line in enumerate(text.split("\n"), 1) if line == FIRST]
    return starts[1] if len(starts) > 1 else 0


def as_edited(text: str) -> str:
    """The text with the last line that its other lines ask for, whatever that was."""
    whole = text.rstrip("\n") + "\n"
    body = whole[: last.start()] if (last := _SEAL.search(whole)) else whole
    files = sum(line.startswith("%% file ") for line in body.split("\n"))
    return f"{body}%% end {files} {_digest(body)}\n"


def write(document: Document) -> str:
    """The text of a document; files come in the order of their paths, and end with a newline."""
    parts = [f"{FIRST}\n"]
    for file in sorted(document.files, key=lambda one: one.path):
        end = "" if not file.content or file.content.endswith("\n") else "\n"
        parts.append(f"%% file {file.path}\n{_MARKER.sub('%%%', file.content)}{end}")
    body = "".join(parts)
    return f"{body}%% end {len(document.files)} {_digest(body)}\n"


def parse(text: str) -> Document:
    """Reads a document; raises NotParsable for one that is not whole, or holds what is no file of this platform."""
    if len(text) > LARGEST:
        raise NotParsable(f"it has {len(text)} characters, of {LARGEST} at most", remedy=_AGAIN)
    if "\x00" in text or "\r" in text:
        raise NotParsable("it holds a NUL or a carriage return", remedy=_AGAIN)
    if not text.startswith(f"{FIRST}\n"):
        raise NotParsable(f"it does not begin with the line {FIRST}", remedy=_AGAIN)
    last = _LAST.search(text)
    if last is None:
        raise NotParsable("it does not end with the line %% end, the number of files and a digest", remedy=_AGAIN)
    body = text[: last.start()]
    if _digest(body) != last[2]:
        raise NotParsable("its digest is not that of its lines", remedy=_AGAIN)
    files = _files(body)
    if len(files) != int(last[1]):
        raise NotParsable(f"it holds {len(files)} files, and its last line says {int(last[1])}", remedy=_AGAIN)
    return Document(files)


def _files(body: str) -> tuple[File, ...]:
    files: dict[str, list[str]] = {}
    markers: dict[str, int] = {}
    path = ""
    for number, line in enumerate(body.split("\n")[1:-1], start=2):
        if line.startswith("%% file "):
            before, path = path, line.removeprefix("%% file ")
            if not _PATHS.fullmatch(path):
                raise NotParsable(f"{path[:80]!r} is no file of this platform", where=f"line {number}")
            if path <= before:
                raise NotParsable(f"{path} does not come after {before}", where=f"line {number}")
            files[path] = []
            markers[path] = number
        elif not path:
            raise NotParsable("a line stands before the first file", where=f"line {number}")
        elif line.startswith("%%") and not line.startswith("%%%"):
            raise NotParsable("a line begins with %% and is no marker", where=f"line {number}")
        else:
            files[path].append(line[1:] if line.startswith("%%%") else line)
    return tuple(File(name, _joined(lines), markers[name]) for name, lines in files.items())


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _digest(body: str) -> str:
    try:
        return hashlib.sha256(body.encode()).hexdigest()
    except UnicodeEncodeError:
        raise NotParsable("it holds what is no character of UTF-8", remedy=_AGAIN) from None
