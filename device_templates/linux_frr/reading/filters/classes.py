"""The egress policy: classes of tc, and what the packet filters put into each."""

from __future__ import annotations

import re
from collections.abc import Iterable

from device_templates.linux_frr.reading.filters.chains import Filter
from device_templates.linux_frr.reading.parts.files import Files
from device_templates.model import EVERYTHING, At, Classing, ClassRule, Interface, Policy, PolicyClass, Rule, Selection

QOS = "etc/spokesman/qos.tc"
NAME = "qos.tc"
_CLASSES = f"{NAME} classes"
_ROOT = re.compile(r"qdisc replace dev \S+ root handle 1: htb default (\S+)")
_CLASS = re.compile(
    r"class replace dev \S+ parent (?P<parent>\S+) classid (?P<id>\S+) htb rate (?P<rate>\d{1,12})kbit ceil "
    r"(?P<ceil>\d{1,12})kbit(?: quantum \d+)?(?: prio (?P<prio>\d+))?"
)
#: Classes of such a precedence and lower are served before the others.
_FIRST = 1
_KILO = 1000


def policies(files: Files) -> tuple[Policy, ...]:
    """The shaper of the access, and the classes inside it; () without them."""
    file = files.at(QOS)
    found = [(match, node.line) for node in file.children if (match := _CLASS.fullmatch(node.text))]
    rest = next((match[1] for node in file.children if (match := _ROOT.fullmatch(node.text))), "")
    shapers = [(match, line) for match, line in found if match["parent"] == "1:"]
    if not shapers:
        return (Policy(NAME, (), At(file.line)),) if file.children else ()
    shaper, line = shapers[0]
    total = max(1, int(shaper["ceil"]) * _KILO)
    outer = PolicyClass(shaper["id"], rest=True, shape_bps=total, child=_CLASSES, at=At(line))
    picked = _picked(files)
    classes = tuple(_class(match, place, total, rest, picked) for match, place in found if match["parent"] != "1:")
    return Policy(NAME, (outer,), At(file.line)), Policy(_CLASSES, classes, At(line))


def _class(match: re.Match[str], line: int, total: int, rest: str, picked: dict[str, Selection]) -> PolicyClass:
    is_rest = match["id"] == f"1:{rest}"
    percent = round(100 * int(match["rate"]) * _KILO / total)
    first = match["prio"] is not None and int(match["prio"]) <= _FIRST
    return PolicyClass(
        match["id"],
        EVERYTHING if is_rest else picked.get(match["id"], Selection()),
        rest=is_rest,
        priority_percent=percent if first else None,
        bandwidth_percent=None if first else percent,
        first=first,
        at=At(line),
    )


def classings(files: Files, interfaces: Iterable[Interface]) -> tuple[Classing, ...]:
    """What filters put into which class, of all that passes from one interface of a namespace to another."""
    places: dict[str, list[str]] = {}
    for one in interfaces:
        if one.zone:
            places.setdefault(one.vrf, []).append(one.name)
    ways = ((vrf, comes, goes) for vrf, names in places.items() for comes in names for goes in names)
    found = ((comes, goes, *_classing(files.filters(vrf), comes, goes)) for vrf, comes, goes in ways)
    return tuple(Classing(comes, goes, rules, At(line)) for comes, goes, rules, line in found if rules)


def _classing(chains: Filter, comes: str, goes: str) -> tuple[tuple[ClassRule, ...], int]:
    """The rules of the chain that gives what is forwarded a class, and the chain's line."""
    chain = next((one for one in chains.at("forward") if any(rule.said.priority for rule in one.rules)), None)
    fits = [one for one in chain.rules if one.said.fits(comes, goes)] if chain else []
    rules = (
        ClassRule(
            one.said.priority, Selection((((Rule(True, one.said.match),),),)), bool(one.said.verdict), At(one.line)
        )
        for one in fits
        if one.said.priority or one.said.verdict
    )
    return tuple(rules), chain.line if chain else 0


def _picked(files: Files) -> dict[str, Selection]:
    """What each class takes, by its number: every rule that gives packets the class."""
    found: dict[str, list[Rule]] = {}
    for vpn in ("", *(one.name for one in files.network.vpns)):
        for chain in files.filters(vpn).chains.values():
            for one in chain.rules:
                if one.said.priority:
                    found.setdefault(one.said.priority, []).append(Rule(True, one.said.match, at=At(one.line)))
    return {name: Selection(tuple(((rule,),) for rule in rules)) for name, rules in found.items()}
