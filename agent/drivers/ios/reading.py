"""What router answers mean: pure functions from IOS-XE text to facts, and from bad text to a reason.

A device may send anything, and a search that a text can slow down stops the whole process: no pattern here lets a
repetition run over line ends and try again from the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.drivers.checks import ping_target
from agent.provisioning.ports import DeviceFacts, PingResult
from device_templates.texts import protected

#: How IOS says no to a line or a file.
REJECTION = re.compile(
    r"^[ \t]*(?:% ?(?:Invalid|Incomplete|Ambiguous|Unknown|Unrecognized|Bad|Authorization failed|Error|Cannot|Not)\b"
    r"|%Error|Error: |Rollback aborted|Error opening)",
    re.MULTILINE,
)
#: What only a replace that went wrong says.
REPLACE_FAILED = re.compile(
    r"Rollback aborted|failed to apply|not a valid config file|original configuration has been successfully restored"
    r"|Please turn config archive on",
    re.IGNORECASE,
)
_NOT_APPLIED = re.compile(r"failed to apply[^\n]*\n{1,3}\*+[ \t]*\n(?P<lines>.*?)(?:\n\*|\Z)", re.DOTALL)
_MOST_NAMED = 5
_LONGEST_NAMED = 120
_HEADERS = re.compile(
    r"\A\s*(?:Building configuration\.\.\.\s*)?(?:Current configuration : (?P<bytes>\d+) bytes[^\n]*\n)?"
    r"(?:Using \d+ out of \d+ bytes[^\n]*\n)?(?:Uncompressed configuration from [^\n]*\n)?"
)
_CLOCK_LINES = re.compile(r"^(?:Load for five secs|Time source is)\b[^\n]*\n?", re.MULTILINE)
_UNITS = {"year": 31_536_000, "week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60}
_FILTERS = ("include", "exclude", "begin", "section", "count")


@dataclass(frozen=True, slots=True)
class Shown:
    """A configuration as shown: its text, and the size in bytes that the device says it has (None: not said)."""

    text: str
    stated: int | None


def configuration(output: str) -> Shown:
    """The configuration in the output of ``show running-config`` or ``show startup-config``, without its headers."""
    output = _CLOCK_LINES.sub("", output)
    header = _HEADERS.match(output)
    stated = header["bytes"] if header else None
    text = output[header.end() :] if header else output
    return Shown(text.strip("\n") + "\n", int(stated) if stated else None)


def ends_whole(output: str, prompt: str) -> bool:
    """Whether the answer ends in the line ``end`` and then the prompt, and not in something that looks like it."""
    return re.search(rf"\nend[ \t]*\n+{re.escape(prompt)}[A-Za-z0-9._-]*[#>][ \t]*$", output) is not None


def without_prompt(output: str) -> str:
    """The answer without its last line."""
    return output.rstrip().rpartition("\n")[0] + "\n"


def size_fault(shown: Shown) -> str:
    """Why the size cannot be that of the whole; empty: it can. Control characters count twice, hence some slack."""
    if shown.stated is None:
        return ""
    slack = max(64, shown.stated // 50)
    size = len(shown.text.encode())
    return f"{size} bytes arrived of {shown.stated}" if size < shown.stated - slack else ""


def facts(output: str) -> DeviceFacts:
    """What ``show version`` says; ValueError names what is missing."""
    uptime = _found(r"^(\S+) uptime is (.+)$", output, "uptime")
    version = _found(r"Cisco IOS[ -]XE Software, Version (\S+)|, Version ([^,\s]+)", output, "version")
    return DeviceFacts(
        hostname=uptime[1],
        serial=_found(r"^Processor board ID (\S+)$", output, "serial number")[1],
        model=_found(r"^[Cc]isco (\S+) \([^)\n]*\)(?: processor)? with ", output, "model")[1],
        version=version[1] or version[2],
        uptime_s=sum(
            int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+) (year|week|day|hour|minute)", uptime[2])
        ),
    )


def ping_result(output: str) -> PingResult:
    """What the last line of ``ping`` says; ValueError if there is no such line, or more came back than went out."""
    rate = _found(
        r"Success rate is \d+ percent \((\d{1,6})/(\d{1,6})\)(?:.*= *\d+/(\d{1,7})/\d+ ms)?", output, "success rate"
    )
    received, sent = int(rate[1]), int(rate[2])
    if received > sent:
        raise ValueError(f"{received} of {sent} echoes answered")
    return PingResult(sent, received, float(rate[3]) if rate[3] else None)


def snmp_users(output: str) -> frozenset[str]:
    """Who is listed by ``show snmp user``, each with what protects it, as ``protected`` writes it."""
    found: list[dict[str, str]] = []
    for line in output.splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        if key == "User name":
            found.append({key: value.partition(" ")[0]})
        elif found:
            found[-1][key] = _protocol(value)
    return frozenset(
        protected(user["User name"], *(user.get(f"{what} Protocol", "none") for what in ("Authentication", "Privacy")))
        for user in found
    )


def asked_user(line: str) -> str:
    """The user that a ``snmp-server user`` line makes, as ``snmp_users`` tells it."""
    found = re.search(r" auth (md5|sha-2 \d+|sha) \S+(?: priv (des|3des|aes(?: \d+)?) )?", line)
    auth, priv = (_protocol(found[1]), _protocol(found[2] or "")) if found else ("none", "none")
    return protected(line.split()[2], auth, priv)


def _protocol(shown: str) -> str:
    """The inventory's word: releases write a hash SHA-256, SHA-2 256 and SHA2-256, and a cipher AES128."""
    word, size = shown.lower(), re.search(r"\d{3}", shown)
    if not word.startswith(("sha", "aes")):
        return word or "none"
    return word[:3] + (size[0] if size else "128" if word.startswith("aes") else "")


def free_bytes(output: str) -> int:
    """Free space that ``dir flash:`` states; ValueError if it does not."""
    return int(_found(r"\((\d+) bytes free\)", output, "free space")[1])


def listed_files(output: str, prefix: str) -> tuple[str, ...]:
    """Names that ``dir`` lists and that begin with ``prefix``."""
    names = (line.split()[-1] for line in output.splitlines() if line.split())
    return tuple(name for name in names if name.startswith(prefix))


def rejection(output: str) -> str:
    """The first lines in which the device says no, with the line before; empty: it did not."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for index, line in enumerate(lines):
        if REJECTION.match(line) or REPLACE_FAILED.search(line):
            return _brief(part for part in lines[max(0, index - 2) : index + 3] if part != "^")
    return ""


def replace_failure(output: str) -> str:
    """Why a replace failed, as the device says it, the lines that it could not apply first; empty: it did not fail."""
    lines = re.findall(r"^Failed to apply command (.+)$", output, re.MULTILINE)
    listed = _NOT_APPLIED.search(output)
    lines += [line.strip() for line in listed["lines"].splitlines() if line.strip()] if listed else []
    return _brief(lines[:_MOST_NAMED]) or rejection(output)


def may_show(command: str) -> bool:
    """Whether ``command`` is one read-only ``show`` line: no file output, no second command, no help key."""
    if not re.fullmatch(r"show [!-~][ -~]{0,199}", command) or re.search(r"[?>]", command):
        return False
    parts = command.split("|")
    if len(parts) == 1:
        return True
    words = parts[1].split()
    return len(parts) == 2 and bool(words) and any(name.startswith(words[0]) for name in _FILTERS)


def ping_command(address: str, vrf: str, source: str, count: int) -> str:
    """The exec command for a ping of ``count`` packets, two seconds each; ValueError for what is not an address."""
    target = ping_target(address, vrf, source, count)
    command = f"ping vrf {vrf} {target}" if vrf else f"ping {target}"
    return f"{command} timeout 2 repeat {count}" + (f" source {source}" if source else "")


def _brief(lines: Iterable[str]) -> str:
    return " / ".join(line[:_LONGEST_NAMED] for line in lines)


def _found(pattern: str, output: str, what: str) -> re.Match[str]:
    match = re.search(pattern, output, re.MULTILINE)
    if match is None:
        raise ValueError(f"no {what} in the answer")
    return match
