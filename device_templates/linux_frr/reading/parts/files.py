"""The files of a document as the parts of the model ask for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from device_templates.linux_frr.reading.complete import NETWORK
from device_templates.linux_frr.reading.document import Document
from device_templates.linux_frr.reading.filters.chains import Filter, read
from device_templates.linux_frr.reading.parts.network import Network, network
from device_templates.linux_frr.reading.secrets import secrets_in
from device_templates.linux_frr.reading.syntax import Node, trees
from device_templates.texts import Mark

FRONT_DOOR = "etc/nftables/front-door.nft"


@dataclass(frozen=True)
class Files:
    """A document's files by path, its network.toml as records, and what secrets become."""

    nodes: dict[str, Node]
    network: Network
    mark: Mark

    @classmethod
    def of(cls, document: Document, mark: Mark) -> Files:
        """Raises NotParsable."""
        nodes = {node.text: node for node in trees(document)}
        return cls(nodes, network(document.content(NETWORK) or ""), mark)

    def at(self, path: str) -> Node:
        """A file, without lines where there is none."""
        return self.nodes.get(path, Node(path))

    def frr(self, vpn: str) -> Node:
        """The routing of a VPN."""
        return self.at(f"etc/frr/{vpn}/frr.conf")

    def filter(self, vpn: str) -> Node:
        """The packet filter of a VPN."""
        return self.at(f"etc/nftables/{vpn}.nft")

    @cached_property
    def _filters(self) -> dict[str, Filter]:
        return {}

    def filters(self, vpn: str) -> Filter:
        """The packet filter of a VPN, of the front door for ""."""
        if vpn not in self._filters:
            self._filters[vpn] = read(self.filter(vpn) if vpn else self.at(FRONT_DOOR))
        return self._filters[vpn]

    def secret(self, line: str) -> str:
        """What the first secret of a line becomes; "" where it holds none."""
        return next((self.mark(one.plain) for one in secrets_in(line)), "")

    def rules(self, path: str, holds: Callable[[str], bool]) -> list[str]:
        """The rules of a packet filter that are told by ``holds``, in order."""
        chains = ((above, node) for above, node in self.at(path).walk() if any(one.ordered for one in above))
        return [node.text for _, node in chains if holds(node.text)]
