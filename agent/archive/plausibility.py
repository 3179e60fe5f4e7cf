"""Whether what a router shows can be a good backup of it: a failed or blank router must not push out a good one."""

from __future__ import annotations

from agent.archive.ports import Platform

#: Below this share of the last good configuration's size a backup is doubted.
SMALLEST_SHARE = 0.5


def doubts(router: str, found: tuple[Platform, str], last_good: tuple[Platform, str] | None) -> tuple[str, ...]:
    """Reasons to take ``found`` for that of a failed, blank or other router; empty: none.

    Both are a configuration with its platform.
    """
    platform, text = found
    name = platform.hostname(text)
    reasons = [] if name == router else [f"its host name is {name or 'not set'}, not {router}"]
    if last_good is None:
        return tuple(reasons)
    known, last_text = last_good
    if known.name != platform.name:
        return (*reasons, f"it is of the platform {platform.name}, and the last good one was of {known.name}")
    if known.has_vpn(last_text) and not platform.has_vpn(text):
        reasons.append("it has no tunnel of a VPN, and the last good one had")
    if len(text) < SMALLEST_SHARE * len(last_text):
        reasons.append(f"it has {len(text)} bytes, and the last good one had {len(last_text)}")
    return tuple(reasons)
