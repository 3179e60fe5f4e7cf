"""Address translation: which packets leave under another address."""

from __future__ import annotations

from dataclasses import dataclass

from agent.lab.config import ConfigTree
from agent.lab.traffic.access import AccessList, permitted
from agent.lab.traffic.packets import Packet


@dataclass(frozen=True, slots=True)
class Translation:
    """``ip nat inside source list L interface I [vrf V] overload``."""

    access_list: str
    interface: str
    vrf: str

    def takes(self, packet: Packet, vrf: str, out: str, lists: dict[str, AccessList]) -> bool:
        """Whether it translates a packet that came out of ``vrf`` and leaves by ``out``."""
        return (
            vrf == self.vrf
            and out == self.interface
            and self.access_list in lists
            and permitted(lists, self.access_list, packet)
        )


def read_translations(tree: ConfigTree) -> tuple[Translation, ...]:
    """The dynamic translations to an interface's address."""
    found = []
    for line in tree.children("ip nat inside source list"):
        words = line.words
        if "interface" in words[:-1]:
            vrf = words[words.index("vrf") + 1] if "vrf" in words[:-1] else ""
            found.append(Translation(words[5], words[words.index("interface") + 1], vrf))
    return tuple(found)
