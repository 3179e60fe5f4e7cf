"""The topics of `show`: each answers with JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..errors import Refused
from . import ike, machine, vpns

_TOPICS: dict[str, Callable[[list[str]], dict[str, Any]]] = {
    "tunnels": vpns.tunnels,
    "nhrp": vpns.nhrp,
    "servers": vpns.servers,
    "bgp": vpns.bgp,
    "routes": vpns.routes,
    "interfaces": vpns.interfaces,
    "ike": ike.ike,
    "ipsec": ike.ipsec,
    "ike-errors": ike.ike_errors,
    "ike-requests": ike.ike_requests,
    "keys": ike.keys,
    "certificates": ike.certificates,
    "load": machine.load,
    "log": machine.log,
    "clock": machine.clock,
    "ntp": machine.ntp,
}


def show(topic: str, arguments: list[str]) -> str:
    """What the router tells of a topic, as JSON. Raises Refused for a topic that is not known."""
    if topic not in _TOPICS:
        raise Refused(f"the topic {topic[:40]!r} is not known; there are {', '.join(_TOPICS)}")
    return json.dumps(_TOPICS[topic](arguments))
