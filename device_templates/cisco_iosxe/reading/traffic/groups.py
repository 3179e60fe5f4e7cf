"""Object groups, which access lists name in place of networks, and of protocols with their ports."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, summarize_address_range

from device_templates.cisco_iosxe.reading.grammar import NotUnderstood
from device_templates.cisco_iosxe.reading.traffic.lists import TCP, UDP, Groups, icmp, ports, protocol
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import network, word
from device_templates.model import Match, Ports

_BOTH = {"tcp-udp": ("tcp", "udp")}
_OPERATORS = frozenset({"eq", "lt", "gt", "range"})


def object_group(groups: Groups, rest: list[str], node: Node) -> None:
    """Takes ``object-group network|service NAME``, whole: with a line that is not understood it is no group."""
    kind, name = rest[0], word(rest[1:])
    lines = [words for one in node.children if (words := one.text.split())[0] != "description"]
    if kind == "network":
        groups.networks[name] = tuple(one for words in lines for one in _networks(groups, words))
    elif kind == "service":
        groups.services[name] = tuple(one for words in lines for one in _services(groups, words))
    else:
        raise NotUnderstood


def _networks(groups: Groups, words: list[str]) -> tuple[IPv4Network, ...]:
    first, *rest = words
    if first == "group-object":
        return groups.of_networks(word(rest))
    if first == "any" and not rest:
        return (IPv4Network("0.0.0.0/0"),)
    if first == "host":
        return (IPv4Network(word(rest)),)
    if first == "range":
        lowest, highest = rest
        return tuple(summarize_address_range(IPv4Address(lowest), IPv4Address(highest)))
    return (network(["".join(words)] if rest and rest[0].startswith("/") else words),)


def _services(groups: Groups, words: list[str]) -> tuple[Match, ...]:
    first, *rest = words
    if first == "group-object":
        return groups.of_services(word(rest))
    return tuple(_service(one, list(rest)) for one in _BOTH.get(first, (first,)))


def _service(name: str, rest: list[str]) -> Match:
    """One protocol: TCP and UDP with ports, where ``eq`` may be left out, ICMP with a message."""
    protocols = protocol(name)
    found = Match(protocols=protocols)
    if protocols in ((TCP,), (UDP,)):
        sources: tuple[Ports, ...] = ()
        if rest[:1] == ["source"]:
            del rest[0]
            sources = ports(rest, protocols)
        if rest and rest[0] not in _OPERATORS:
            rest.insert(0, "eq")
        found = replace(found, source_ports=sources, destination_ports=ports(rest, protocols))
    else:
        found = replace(found, **icmp(rest))
    if rest:
        raise NotUnderstood
    return found
