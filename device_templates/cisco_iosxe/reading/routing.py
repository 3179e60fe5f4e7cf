"""BGP and static routes of a configuration, as the neutral model has them."""

from __future__ import annotations

from device_templates.cisco_iosxe.reading.lookup import address, network, number, rest, rests
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node
from device_templates.model import Bgp, BgpNeighbor, BgpVrf, StaticRoute
from device_templates.texts import Mark


def bgp(tree: ConfigTree, mark: Mark) -> Bgp | None:
    """The BGP process, None without one."""
    for text, node in tree.sections("router bgp"):
        families = [
            (child.text.split()[-1], child)
            for child in node.children
            if child.text.startswith("address-family ipv4") and " vrf " in child.text
        ]
        vrfs = tuple(_vrf(name, family, mark) for name, family in families)
        return Bgp(number(text) or 0, address(rest(node, "bgp router-id")), vrfs)
    return None


def _vrf(name: str, node: Node, mark: Mark) -> BgpVrf:
    listen = []
    for text in rests(node, "bgp listen range"):
        prefix, _, group = text.partition(" peer-group ")
        if (found := network(prefix)) is not None:
            listen.append((found, group))
    names = dict.fromkeys(text.split(" ")[0] for text in rests(node, "neighbor"))
    return BgpVrf(
        vrf=name,
        router_id=address(rest(node, "bgp router-id")),
        networks=tuple(found for text in rests(node, "network") if (found := network(text)) is not None),
        listen=tuple(listen),
        neighbors=tuple(_neighbor(one, node, mark) for one in names),
    )


def _neighbor(name: str, node: Node, mark: Mark) -> BgpNeighbor:
    head = f"neighbor {name}"
    lists = {text.split()[1]: text.split()[0] for text in rests(node, f"{head} prefix-list") if len(text.split()) == 2}
    own = [child.text for child in node.children if child.text.startswith(f"{head} ")]
    passwords = [mark(secret.plain) for text in own for secret in secrets_in(text)]
    return BgpNeighbor(
        name=name,
        remote_as=number(rest(node, f"{head} remote-as")),
        group=f"{head} peer-group" in own,
        password=next(iter(passwords), ""),
        reflector_client=f"{head} route-reflector-client" in own,
        prefix_list_in=lists.get("in", ""),
        prefix_list_out=lists.get("out", ""),
        maximum_prefix=number(rest(node, f"{head} maximum-prefix")),
    )


def routes(tree: ConfigTree) -> tuple[StaticRoute, ...]:
    """All static routes."""
    found = []
    for text, _ in tree.sections("ip route"):
        words = text.split()
        vrf = ""
        if words[:1] == ["vrf"]:
            vrf, words = words[1], words[2:]
        prefix = network(" ".join(words[:2]))
        if prefix is not None and len(words) > 2:
            found.append(StaticRoute(vrf, prefix, words[2], _lookup(words)))
    return tuple(found)


def _lookup(words: list[str]) -> str:
    """The table in which the next hop is looked up, where it is another one."""
    if "global" in words:
        return "global"
    return words[words.index("vrf") + 1] if "vrf" in words[:-1] else ""
