"""The configuration as one text: every file of it between marker lines, with a digest as its last line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from ..errors import Refused

FIRST = "%% spokesman linux_frr 1\n"
LARGEST = 4 * 1024 * 1024
"""No configuration is larger, in bytes."""

VPN = r"[a-z][a-z0-9_-]{0,31}"
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_PATHS = re.compile(
    "|".join(
        (
            r"etc/spokesman/(?:network\.toml|users|qos\.tc)",
            rf"etc/frr/{VPN}/frr\.conf",
            r"etc/swanctl/swanctl\.conf",
            rf"etc/swanctl/x509(?:ca|crl)?/{_NAME}\.pem",
            rf"etc/swanctl/(?:private|rsa|ecdsa|pkcs8)/{_NAME}\.pem",
            rf"etc/nftables/(?:front-door|{VPN})\.nft",
            rf"etc/snmp/(?:{VPN}/)?snmpd\.conf",
            r"etc/ssh/sshd_config",
            r"etc/rsyslog\.conf",
            r"etc/chrony/chrony\.(?:conf|keys)",
            r"etc/issue\.net",
            rf"etc/keepalived/{VPN}\.conf",
        )
    )
)
_LAST = re.compile(r"%% end (\d{1,6}) ([0-9a-f]{64})\n\Z")


def build(files: Mapping[str, str]) -> str:
    """The document of ``files``, by path; a content without a newline at its end gets one."""
    parts = [FIRST]
    for path in sorted(files):
        content = files[path]
        if content and not content.endswith("\n"):
            content += "\n"
        parts.append(f"%% file {path}\n{re.sub('^%%', '%%%', content, flags=re.MULTILINE)}")
    body = "".join(parts)
    return f"{body}%% end {len(files)} {digest(body)}\n"


def parse(text: str) -> dict[str, str]:
    """The files of a document, by path; raises Refused with what is wrong and in which line."""
    if len(text) > LARGEST:
        raise Refused(f"the document has {len(text)} characters; {LARGEST} are taken")
    if "\x00" in text or "\r" in text:
        raise Refused("the document holds a NUL or a carriage return")
    if not text.startswith(FIRST):
        raise Refused(f"the document does not begin with the line {FIRST.strip()!r}")
    last = _LAST.search(text)
    if last is None:
        raise Refused("the document is not complete: its last line is not '%% end <files> <sha256>'")
    body = text[: last.start()]
    if digest(body) != last[2]:
        raise Refused("the document is not whole: its digest is not that of its lines")
    files = _files(body)
    if len(files) != int(last[1]):
        raise Refused(f"the document holds {len(files)} files; its last line tells {last[1]}")
    return files


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal; raises Refused for what is no text."""
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError:
        raise Refused("the document holds what is no character of UTF-8") from None


def _files(body: str) -> dict[str, str]:
    files: dict[str, list[str]] = {}
    path = ""
    for number, line in enumerate(body.split("\n")[1:-1], start=2):
        if line.startswith("%% file "):
            before, path = path, line.removeprefix("%% file ")
            if not _PATHS.fullmatch(path):
                raise Refused(f"line {number} of the document: {path!r} is no file of this platform")
            if path <= before:
                raise Refused(f"line {number} of the document: {path} stands after {before}; paths are sorted")
            files[path] = []
        elif line.startswith("%%%"):
            files[_open(path, number)].append(line[1:])
        elif line.startswith("%%"):
            raise Refused(f"line {number} of the document begins with %% and is no marker")
        else:
            files[_open(path, number)].append(line)
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in files.items()}


def _open(path: str, number: int) -> str:
    if not path:
        raise Refused(f"line {number} of the document stands before its first file")
    return path
