"""What a known line does to the running configuration beyond being added: IOS's side effects, defaults and refusals."""

from __future__ import annotations

import re

from agent.lab.config import ConfigTree, Line, Path
from agent.lab.lines import credentials, services, vrfs
from agent.lab.lines.change import Box, Change, Effect
from agent.lab.lines.grammar import Grammar, Known, numbers
from agent.lab.running import names

_PHYSICAL = re.compile(r"(Gigabit|TenGigabit|TwoGigabit|Fast)?Ethernet[\d/]+$")
_LAYER3 = re.compile(r"(Tunnel|Loopback|Vlan|Dialer|BDI|Gigabit|TenGigabit|TwoGigabit|FastEthernet|Port-channel)")


def of(box: Box, grammar: Grammar, path: Path, known: Known, *, negated: bool) -> Change:
    """The change that ``known`` (or ``no known``) makes under ``path``."""
    if known.pattern.own:
        return Change()
    if path and path[0].startswith("ip access-list "):
        return _sequenced(box, grammar, path, known, negated) or _plain(path, known, negated)
    for lead, effect in _EFFECTS:
        if known.text == lead or known.text.startswith(lead + " "):
            change = effect(box, grammar, path, known, negated)
            if change is not None:
                return change
    if _hidden(box, known):
        return Change()
    return _plain(path, known, negated)


def _plain(path: Path, known: Known, negated: bool) -> Change:
    if negated and (known.pattern.on or known.pattern.shown):
        return Change(put=((path, Line(f"no {known.slot}")),))
    if known.pattern.shown:
        return Change(put=((path, Line(known.text)),))
    if negated or (known.pattern.on and known.text == known.slot):
        return Change(drop=((path, known.slot),))
    if known.text.startswith("no "):
        return Change(drop=((path, known.slot[3:]),))
    return Change(put=((path, Line(known.text)),))


def _hidden(box: Box, known: Known) -> bool:
    since = known.pattern.hidden
    return bool(since) and numbers(box.release) >= numbers(since)


def entered(tree: ConfigTree, path: Path, known: Known, grammar: Grammar) -> tuple[Path, ...]:
    """Where a section line leads: its path, or those of all line ranges that it spans."""
    if known.text.startswith("line vty "):
        first, last = _vty(known.text)
        spans = [(line.text, *_vty(line.text)) for line in tree.children("line vty")]
        return tuple((text,) for text, low, high in spans if low <= last and high >= first)
    return ((*path, _present(tree, path, known, grammar)),)


def _present(tree: ConfigTree, path: Path, known: Known, grammar: Grammar) -> str:
    """The section's header as it stands in the tree, where it was typed otherwise."""
    section = tree.section(*path) if path else tree
    lines = section.lines if section else ()
    exact = [line.text for line in lines if line.text == known.text]
    same = [line.text for line in lines if line.text.split(" ", 1)[0] == known.text.split(" ", 1)[0]]
    return next((text for text in exact + same if grammar.slot(path, text) == known.slot), known.text)


def normalised(tree: ConfigTree, path: Path, known: Known, box: Box, grammar: Grammar) -> ConfigTree:
    """The tree with the lines that IOS itself adds or takes away after a change."""
    header = known.text if known.pattern.mode and not path else (path[0] if path else "")
    if not header.startswith("interface "):
        return tree
    section = tree.section(header)
    if section is None:
        return tree
    where: Path = (header,)
    name = header.split()[1]
    addressed = any(line.text.startswith("ip address ") for line in section.lines) or section.has("ip unnumbered")
    routed = _LAYER3.match(name) and name not in box.switch_ports
    if routed and not addressed and not section.has("no ip address"):
        return tree.put(where, Line("no ip address"), grammar)
    if section.has("no ip address") and (addressed or not routed):
        kept = [line for line in section.children("ip address") if line.text.endswith("secondary")]
        tree = tree.drop(where, "no ip address", grammar) if not kept else tree
        return _without(tree, where, "no ip address")
    return tree


def _without(tree: ConfigTree, path: Path, text: str) -> ConfigTree:
    section = tree.section(*path)
    if section is None:
        return tree
    kept = tuple(line for line in section.lines if line.text != text)
    lines = tuple(Line(line.text, kept, line.body) if line is section else line for line in tree.lines)
    return ConfigTree(lines)


# --- effects, by the words that lines begin with -----------------------------------------------------------------


def _interface(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    name = known.text.split()[1]
    base = name.split(".")[0]
    physical = _PHYSICAL.match(base) is not None
    if physical and base not in box.ports:
        return Change(refused=True, invalid=True)
    if negated:
        if physical and base == name:
            return Change(message="% Removal of physical interfaces is not permitted", refused=True)
        if name == "Vlan1":
            return Change(message="% Removal of Vlan1 is not permitted", refused=True)
        return None
    new = box.running.section(known.text) is None
    return Change(put=((path, Line(known.text, (Line("no ip address"),) if new else ())),))


def _section_defaults(*defaults: str) -> Effect:
    """A section that IOS never shows without these lines."""

    def effect(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
        if negated or box.running.section(*path, known.text) is not None:
            return None
        return Change(put=((path, Line(known.text, tuple(Line(text) for text in defaults))),))

    return effect


def _router_bgp(box: Box, grammar: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    present = box.running.child("router bgp")
    if present and not negated and present.text != known.text:
        return Change(message=f"BGP is already running; AS is {present.words[2]}", refused=True)
    return _section_defaults("bgp log-neighbor-changes")(box, grammar, path, known, negated)


def _neighbor(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    words = known.text.split()
    by_address = words[1][0].isdigit()
    if negated or len(words) < 4 or not (by_address and words[2] in {"remote-as", "peer-group"}):
        return None
    puts: list[tuple[Path, Line]] = [(path, Line(known.text))]
    if " vrf " in path[-1]:
        puts.append((path, Line(f"neighbor {words[1]} activate")))
    return Change(put=tuple(puts))


def _sequenced(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """Rules of an access list: each has a number; the same rule twice is one."""
    section = box.running.section(*path)
    entries = [line.text.split(None, 1) for line in (section.lines if section else ())]
    rules = {rule: number for number, rule in entries}
    taken = {number for number, rule in entries if not rule.startswith("remark ")}
    number, _space, rule = known.text.partition(" ")
    if not number.isdigit():
        number, rule = "", known.text
    if not rule.startswith("remark "):
        rule = " ".join(names.rule(rule.split()))
    if negated:
        return Change(drop=((path, number or rules.get(rule, "-")),))
    if rule in rules and number in {"", rules[rule]}:
        return Change()
    if number in taken and not rule.startswith("remark "):
        return Change(message="% Duplicate sequence number", refused=True)
    chosen = number or str(max((int(value) for value in rules.values()), default=0) // 10 * 10 + 10)
    return Change(put=((path, Line(f"{chosen} {rule}")),))


def _prefix_list(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    words = known.text.split()
    if negated or words[3] in {"seq", "description"}:
        return None
    name, rule = words[2], " ".join(words[3:])
    present = box.running.children(f"ip prefix-list {name} seq")
    if any(line.text.endswith(" " + rule) for line in present):
        return Change()
    last = max((int(line.words[4]) for line in present), default=0)
    return Change(put=((path, Line(f"ip prefix-list {name} seq {last // 5 * 5 + 5} {rule}")),))


def _neighbor_line(box: Box, grammar: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    password = credentials.password(box, grammar, path, known, negated) if " password " in known.text else None
    return password or _neighbor(box, grammar, path, known, negated)


def _snmp_user(box: Box, _: Grammar, __: Path, known: Known, negated: bool) -> Change | None:
    complaint = box.set_snmp_user(known.text.split()[2:], remove=negated)
    return Change(message=complaint, refused=bool(complaint))


def _crypto_key(box: Box, _: Grammar, __: Path, known: Known, negated: bool) -> Change | None:
    return None if negated else Change(message=box.make_host_key(known.text.split()[2:]))


def _asks(_: Box, __: Grammar, ___: Path, ____: Known, _negated: bool) -> Change | None:
    return Change(message="% This command asks questions: enter it at a terminal", refused=True)


def _trustpoint(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """With a trustpoint go the certificates that it brought."""
    if not negated:
        return None
    chain = f"crypto pki certificate chain {known.text.split()[-1]}"
    return Change(drop=((path, known.slot), (path, chain)))


def _enrolment_url(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """IOS writes the port of a URL out."""
    found = re.fullmatch(r"(enrollment url http://[^/:]+)(/.*)?", known.text)
    if negated or found is None:
        return None
    return Change(put=((path, Line(f"{found[1]}:80{found[2] or ''}")),))


def _licence_level(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    message = "% use 'write' command to make license boot config take effect on next boot"
    level = known.text.startswith("license boot level network")  # one of several; packages stand together
    drop = ((path, "license boot level" if level else known.slot),) if level or negated else ()
    return Change(() if negated else ((path, Line(known.text)),), drop, message)


def _line_vty(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """``line vty 0 15`` with 0 to 4 present makes 5 to 15, and leads into both."""
    if negated:
        return None
    first, last = _vty(known.text)
    top = max((_vty(line.text)[1] for line in box.running.children("line vty")), default=-1)
    if last <= top:
        return Change()
    start = max(first, top + 1)
    return Change(put=((path, Line(f"line vty {start} {last}")),))


def _vty(text: str) -> tuple[int, int]:
    words = text.split()
    return int(words[2]), int(words[3]) if len(words) > 3 else int(words[2])


def _kept(_: Box, __: Grammar, ___: Path, ____: Known, negated: bool) -> Change | None:
    """Sections that are always there."""
    return Change() if negated else None


_EFFECTS: tuple[tuple[str, Effect], ...] = (
    ("interface", _interface),
    ("router bgp", _router_bgp),
    ("neighbor", _neighbor_line),
    ("crypto ipsec transform-set", _section_defaults("mode tunnel")),
    ("crypto key", _crypto_key),
    ("crypto pki authenticate", _asks),
    ("crypto pki enroll", _asks),
    ("crypto pki trustpoint", _trustpoint),
    ("enrollment url", _enrolment_url),
    ("ip prefix-list", _prefix_list),
    ("username", credentials.username),
    ("enable secret", credentials.enable_secret),
    ("enable password", credentials.password),
    ("password", credentials.password),
    ("key", credentials.password),
    ("key-string", credentials.password),
    ("ppp chap password", credentials.password),
    ("service password-encryption", credentials.encryption),
    ("ntp authentication-key", credentials.ntp_key),
    ("snmp-server user", _snmp_user),
    ("license boot", _licence_level),
    ("line vty", _line_vty),
    ("line con", _kept),
    ("line aux", _kept),
    ("control-plane", _kept),
    *services.EFFECTS,
    *vrfs.EFFECTS,
)
