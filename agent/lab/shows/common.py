"""What the show modules share: the view of one router at this moment, and times as IOS writes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from agent.lab.net.network import Network
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Link
from agent.lab.net.world import LabWorld
from agent.lab.router import VirtualRouter

#: Packets a second that a tunnel carries each way.
PACKETS_S = 2


@dataclass(frozen=True)
class View:
    """One router within its network, at ``now`` (lab seconds)."""

    router: VirtualRouter
    world: LabWorld
    network: Network
    station: Station
    now: float

    @property
    def links(self) -> list[Link]:
        """The router's links, shortcuts included."""
        shortcuts = [link for link, _, _ in self.world.shortcuts.values() if link.router == self.router.name]
        return [*self.network.links_of(self.router.name), *shortcuts]

    def up(self, link: Link) -> bool:
        """Whether a link carries traffic."""
        return link.key in self.world.shortcuts or self.network.is_up(link)

    def since(self, link: Link) -> float:
        """When the link's present state began."""
        found = self.world.shortcuts.get(link.key)
        return found[1] if found else self.network.link_state(link).since

    def ever_up(self, link: Link) -> bool:
        """Whether the link has been up since the lab began."""
        return self.up(link) or self.network.link_state(link).flaps > 0


def carried(view: View, link: Link) -> tuple[int, int]:
    """Packets that this end of a link has sent and received since it came up; what an access loses does not arrive."""
    since = view.since(link)
    lost = sum(view.world.trouble.wear.lost_seconds(end, since, view.now) for end in (link.router, link.peer) if end)
    age = max(0.0, view.now - since)
    return int(age * PACKETS_S) + 4, int(max(0.0, age - lost) * PACKETS_S) + 4


def uptime(seconds: float) -> str:
    """``00:03:09``, ``1d02h``, ``2w3d`` or ``1y2w``, as IOS shortens it."""
    whole = max(0, int(seconds))
    days, rest = divmod(whole, 86400)
    if days == 0:
        return f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    if days < 7:
        return f"{days}d{rest // 3600:02}h"
    return f"{days // 7}w{days % 7}d" if days < 365 else f"{days // 365}y{days % 365 // 7}w"


def short_interface(name: str) -> str:
    """``Tunnel10`` as ``Tu10``."""
    letters = name.rstrip("0123456789/.")
    return letters[:2] + name[len(letters) :]


def stable(*parts: object, octets: int = 4) -> int:
    """A number that is always the same for the same parts: for SPIs and the like."""
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:octets], "big")
