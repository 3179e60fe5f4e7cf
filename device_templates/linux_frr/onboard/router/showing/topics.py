"""The topics of `show`."""

from __future__ import annotations

from ..errors import Refused


def show(topic: str, arguments: list[str]) -> str:
    """What the router tells of a topic, as JSON."""
    del arguments
    raise Refused(f"the topic {topic[:40]!r} is not known")
