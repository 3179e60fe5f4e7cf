"""What lines about VRFs come to: addresses that are lost with a change, and those that a VRF does not take."""

from __future__ import annotations

from agent.lab.config import Line, Path
from agent.lab.lines.change import Box, Change, Effect
from agent.lab.lines.grammar import Grammar, Known


def _vrf_forwarding(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    section = box.running.section(*path)
    if section is None or not path[0].startswith("interface "):
        return None
    vrf = known.text.split()[-1]
    old_style = known.text.startswith("ip vrf ")
    present = section.value("ip vrf forwarding" if old_style else "vrf forwarding")
    if not negated and not box.running.has(f"ip vrf {vrf}" if old_style else f"vrf definition {vrf}"):
        return Change(message=f"% VRF {vrf} not configured.", refused=True)
    if (negated and present is None) or (present == vrf and not negated):
        return Change()
    name = path[0].split()[1]
    lost = [line for line in section.children("ip address") if line.text != "ip address"]
    verb = "disabling" if negated else "enabling"
    shown = present if negated else vrf
    message = f"% Interface {name} IPv4 disabled and address(es) removed due to {verb} VRF {shown}" if lost else ""
    drops = ((path, "ip address"), (path, known.slot)) if negated else ((path, "ip address"),)
    return Change(() if negated else ((path, Line(known.text)),), drops, message)


def _vrf_definition(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    if not negated:
        return None
    vrf = known.text.split()[-1]
    lead = "ip vrf forwarding" if known.text.startswith("ip vrf ") else "vrf forwarding"
    used = [line.text for line in box.running.interfaces() if line.value(lead) == vrf]
    drops = [((name,), slot) for name in used for slot in ("ip address", lead)]
    message = f"% IPv4 addresses from all interfaces in VRF {vrf} have been removed" if used else ""
    return Change(drop=((path, known.slot), *drops), message=message)


def _address(box: Box, _: Grammar, path: Path, __: Known, negated: bool) -> Change | None:
    """No IPv4 in a VRF that has no address family for it."""
    section = box.running.section(*path)
    name = section.value("vrf forwarding") if section and path[0].startswith("interface ") else None
    vrf = box.running.section(f"vrf definition {name}") if name else None
    if negated or vrf is None or vrf.has("address-family ipv4"):
        return None
    return Change(message=f"% IPv4 is not allowed in VRF {name}: it has no address-family ipv4", refused=True)


#: By the words that lines begin with.
EFFECTS: tuple[tuple[str, Effect], ...] = (
    ("vrf forwarding", _vrf_forwarding),
    ("ip vrf forwarding", _vrf_forwarding),
    ("vrf definition", _vrf_definition),
    ("ip vrf", _vrf_definition),
    ("ip address", _address),
    ("ip unnumbered", _address),
)
