"""What lines of the firewall, of quality of service, HSRP, IP SLA and logging come to: defaults, names, refusals."""

from __future__ import annotations

import re

from agent.lab.config import Line, Path
from agent.lab.lines import credentials
from agent.lab.lines.change import Box, Change, Effect
from agent.lab.lines.grammar import Grammar, Known
from agent.lab.running import names


def _class_map(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """A class map says how it matches, also where nobody said it."""
    words = known.text.split()
    if negated or "match-all" in words or "match-any" in words:
        return None
    return Change(put=((path, Line(" ".join([*words[:-1], "match-all", words[-1]]))),))


def _inspect_policy(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """The rest of a firewall policy's traffic is dropped, and the policy says so."""
    if negated or box.running.section(known.text) is not None:
        return None
    return Change(put=((path, Line(known.text, (Line("class class-default", (Line("drop"),)),))),))


def _class(box: Box, _: Grammar, __: Path, known: Known, negated: bool) -> Change | None:
    name = known.text.split()[-1]
    if negated or name == "class-default":
        return None
    kind = "class-map type inspect" if known.text.startswith("class type inspect") else "class-map"
    return None if _defined(box, kind, name) else _unknown(f"class map {name} not configured")


def _service_policy(box: Box, _: Grammar, __: Path, known: Known, negated: bool) -> Change | None:
    words = known.text.split()
    if negated or words[1] in {"http", "imap", "pop3", "smtp", "sip"} or "performance-monitor" in words:
        return None
    kind = "policy-map type inspect" if words[1:3] == ["type", "inspect"] else "policy-map"
    return None if _defined(box, kind, words[-1]) else _unknown(f"policy map {words[-1]} not configured")


def _defined(box: Box, kind: str, name: str) -> bool:
    words = len(kind.split())
    return any(line.words[-1] == name and (words > 1 or line.words[1] != "type") for line in box.running.children(kind))


def _zone_member(box: Box, _: Grammar, __: Path, known: Known, negated: bool) -> Change | None:
    zone = known.text.split()[-1]
    return None if negated or _zone(box, zone) else _unknown(f"Zone {zone} does not exist")


def _zone_pair(box: Box, _: Grammar, __: Path, known: Known, negated: bool) -> Change | None:
    words = known.text.split()
    ends = [words[words.index(side) + 1] for side in ("source", "destination") if side in words]
    missing = next((end for end in ends if end != "self" and not _zone(box, end)), None)
    if negated or not ends:
        return None
    if missing is not None:
        return _unknown(f"Zone {missing} does not exist")
    same = f" source {ends[0]} destination {ends[-1]}"
    twin = any(line.text.endswith(same) and line.words[2] != words[2] for line in box.running.children("zone-pair"))
    return _unknown(f"Zone-pair with{same} is not allowed: there is one") if twin else None


def _zone(box: Box, name: str) -> bool:
    return name == "default" or box.running.has(f"zone security {name}")


def _unknown(message: str) -> Change:
    return Change(message=f"% {message}", refused=True)


def _discriminated(box: Box, _: Grammar, __: Path, known: Known, negated: bool) -> Change | None:
    """A log that names a discriminator needs it: names are told apart by case."""
    found = re.search(r" discriminator (\S+)", known.text)
    if negated or found is None or box.running.has(f"logging discriminator {found[1]}"):
        return None
    return _unknown(f"Specified MD by the name {found[1]} does not exist.")


def _scheduled(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """An operation that runs cannot be changed, and takes its schedule with it when it goes."""
    number = known.text.split()[2]
    schedule = f"ip sla schedule {number}"
    if negated:
        return Change(drop=((path, known.slot), (path, schedule)))
    if box.running.section(known.text) is not None and box.running.has(schedule):
        return Change(message="Entry already running and cannot be modified", refused=True)
    return None


def _schedule(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    words = known.text.split()
    if negated:
        return None
    section = box.running.section(f"ip sla {words[3]}")
    if section is None or not any(not line.text.startswith("description") for line in section.lines):
        return _unknown(f"Entry {words[3]} not configured")
    rest = " ".join(words[4:])
    parts = [re.search(pattern, rest) for pattern in (r"life \S+", r"start-time \S+", r"ageout \d+", r"recurring")]
    return Change(put=((path, Line(" ".join([*words[:4], *(part[0] for part in parts if part)]))),))


def _address_translation(_: Box, grammar: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """Classic IOS puts fragments together before it translates."""
    if negated or not path or not isinstance(grammar.match("if", "ip nat enable"), Known):
        return None
    return Change(put=((path, Line(known.text)), (path, Line("ip virtual-reassembly in"))))


def _standby(box: Box, grammar: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """Groups above 255 need version 2; what is the default is not shown; keys are obscured."""
    words = known.text.split()
    section = box.running.section(*path)
    if (
        not negated
        and words[1].isdigit()
        and int(words[1]) > 255
        and not (section and section.has("standby version 2"))
    ):
        return Change(message="% Group number must be 0 to 255 in version 1", refused=True)
    if not negated and (words[2:] == ["priority", "100"] or words[1:] == ["version", "1"]):
        return Change(drop=((path, known.slot),))
    return credentials.password(box, grammar, path, known, negated) if " key-string " in known.text else None


def _code_points(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    words = known.text.split()
    shown = " ".join(names.code_point(word) if at and "dscp" in words[:at] else word for at, word in enumerate(words))
    return None if negated or "dscp" not in words else Change(put=((path, Line(shown)),))


#: By the words that lines begin with.
EFFECTS: tuple[tuple[str, Effect], ...] = (
    ("class-map", _class_map),
    ("policy-map type inspect", _inspect_policy),
    ("class", _class),
    ("service-policy", _service_policy),
    ("zone-member security", _zone_member),
    ("zone-pair security", _zone_pair),
    ("logging host", _discriminated),
    ("logging buffered", _discriminated),
    ("ip sla schedule", _schedule),
    ("ip sla", _scheduled),
    ("ip nat inside", _address_translation),
    ("ip nat outside", _address_translation),
    ("standby", _standby),
    ("match", _code_points),
    ("set", _code_points),
)
