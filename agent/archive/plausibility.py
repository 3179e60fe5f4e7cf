"""Whether what a router shows can be a good backup of it: a failed or blank router must not push out a good one."""

from __future__ import annotations

import re

#: Below this share of the last good configuration's size a backup is doubted.
SMALLEST_SHARE = 0.5

_HOSTNAME = re.compile(r"^hostname (\S+)$", re.MULTILINE)
#: A tunnel of a VPN; the management tunnel is point-to-point, and day zero makes it.
_VPN_TUNNEL = re.compile(r"^ tunnel mode gre multipoint$", re.MULTILINE)


def doubts(router: str, text: str, last_good: str | None) -> tuple[str, ...]:
    """Reasons to take ``text`` for that of a failed, blank or other router; empty: none."""
    found = _HOSTNAME.search(text)
    reasons = []
    if found is None or found[1] != router:
        reasons.append(f"its host name is {found[1] if found else 'not set'}, not {router}")
    if last_good is not None:
        if _VPN_TUNNEL.search(last_good) and not _VPN_TUNNEL.search(text):
            reasons.append("it has no tunnel of a VPN, and the last good one had")
        if len(text) < SMALLEST_SHARE * len(last_good):
            reasons.append(f"it has {len(text)} bytes, and the last good one had {len(last_good)}")
    return tuple(reasons)
