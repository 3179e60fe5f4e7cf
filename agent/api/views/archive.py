"""Archived configurations: what is kept, and the texts with their secrets hidden."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, ConfigDict

from agent.api.views.common import View, shown
from agent.archive import Version

_VERSION = {
    "router": "acme-lon-r1", "version": 7, "taken_at": "2026-11-30T01:00:00Z", "seen_at": "2026-12-02T01:00:00Z",
    "digest": "9c0f2d6b8a714e35", "size_bytes": 14210, "one_of_three": True, "pins": [], "reason": "daily backup",
    "author": "spokesman",
}  # fmt: skip


class ArchivedRouter(View):
    """A router that has archived configurations."""

    model_config = ConfigDict(**shown({"router": "acme-lon-r1", "versions": 3, "newest": 7}))
    router: str
    versions: int
    """How many are kept: the three most recent [WV-23], and pinned ones."""
    newest: int | None
    """The newest of the three; null where only pinned ones are kept."""


class VersionView(View):
    """An archived configuration, without its text."""

    model_config = ConfigDict(**shown(_VERSION))
    router: str
    version: int
    taken_at: AwareDatetime
    """When it was first read from the router."""
    seen_at: AwareDatetime
    """When it was last found running."""
    digest: str
    """Equal for equal configurations."""
    size_bytes: int
    one_of_three: bool
    """Whether it is one of the three most recent [WV-23]."""
    pins: tuple[str, ...]
    """Why it is kept besides."""
    reason: str
    author: str


class VersionText(VersionView):
    """An archived configuration with its text."""

    model_config = ConfigDict(**shown({**_VERSION, "text": "hostname acme-lon-r1\nusername field secret <hidden>\n"}))
    text: str
    """The configuration; every secret is replaced by a fingerprint that shows only whether it changed."""


class Comparison(View):
    """What changed from one archived configuration to another."""

    model_config = ConfigDict(
        **shown({"router": "acme-lon-r1", "older": 6, "newer": 7, "diff": "@@ -4 +4 @@\n-ip name a\n+ip name b\n"})
    )
    router: str
    older: int
    newer: int
    diff: str
    """A unified diff, secrets as fingerprints; empty: they do not differ."""


def version_view(version: Version) -> VersionView:
    """A version, without its text."""
    return VersionView(**_shown(version))


def version_text(version: Version, text: str) -> VersionText:
    """A version with its redacted text."""
    return VersionText(**_shown(version), text=text)


def _shown(version: Version) -> dict[str, Any]:
    return {
        "router": version.router,
        "version": version.number,
        "taken_at": version.taken_at,
        "seen_at": version.seen_at,
        "digest": version.digest[:16],
        "size_bytes": version.size,
        "one_of_three": version.ranked,
        "pins": tuple(sorted(version.pins)),
        "reason": version.reason,
        "author": version.author,
    }
