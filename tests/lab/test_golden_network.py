"""What the templates write, judged by the lab: in the network of the golden configurations everything comes up."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from agent.app.lab import lab_spec
from agent.lab.config import ConfigTree
from agent.lab.net.network import History, Network
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.running.config import read_config
from agent.lab.spec import LabSpec
from inventory.settings import Nat, Reach
from tests.golden.regenerate import Case, cases

#: Where a lab of any of the cases would be reached; nothing listens there in these tests.
REACHED = Nat(
    managed=IPv4Network("10.254.0.0/16"), reached=IPv4Network("127.254.0.0/16"), ports={"22": 2022, "161": 1161}
)


def settled(spec: LabSpec, texts: dict[str, str]) -> Network:
    stations = {name: Station(spec.device(name), read_config(ConfigTree.parse(text))) for name, text in texts.items()}
    network = Network(spec, stations, History())
    for second in range(0, 60, 2):
        network.settle(1000.0 + second)
    return network


def golden(case: Case) -> tuple[LabSpec, dict[str, str]]:
    texts = {
        view.router.name: (case.expected / f"{view.router.name}.cfg").read_text(encoding="utf-8")
        for view in case.inventory.sites()
    }
    inventory = case.inventory
    translated = inventory.settings.model_copy(update={"reach": Reach(nat=(REACHED,))})
    return lab_spec(replace(inventory, settings=translated), case.secret, 1.0), texts


@pytest.fixture(params=cases(), ids=lambda case: case.folder.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_every_tunnel_and_session_comes_up_and_management_reaches_every_router(case: Case) -> None:
    spec, texts = golden(case)
    network = settled(spec, texts)
    assert {link.key: str(link.reason) for link in network.tunnels.links.values() if link.reason} == {}
    assert {session.key: str(session.reason) for session in network.sessions.values() if session.reason} == {}
    assert len(network.sessions) >= 2
    for name in texts:
        assert network.management_reason(name, "tcp", 22) is None
        assert network.management_reason(name, "udp", 161) is None


def test_every_lan_of_a_vpn_reaches_every_other_and_none_of_another_vpn(case: Case) -> None:
    spec, texts = golden(case)
    network = settled(spec, texts)
    places: list[tuple[tuple[str, str], IPv4Address, frozenset[IPv4Address]]] = []
    for name, station in network.stations.items():
        for interface in station.config.interfaces.values():
            own = station.address(interface)
            if interface.name.startswith("Vlan") and own is not None:
                places.append(((name, interface.vrf), own.ip, station.hosts_on(interface)))
    tried = 0
    for table, source, _ in places:
        for there, _, hosts in places:
            for host in hosts:
                arrives = not isinstance(network.forwarding.round_trip(table, source, host), Reason)
                assert arrives == (there[1] == table[1]), f"{table} {source} -> {there} {host}"
                tried += 1
    assert tried > len(places)


def test_a_spoke_with_another_group_key_stays_out(case: Case) -> None:
    spec, texts = golden(case)
    spoke = next(name for name, text in texts.items() if "listen range" not in text)
    entry = re.compile(r"(crypto ikev2 keyring VPN\n peer \S+\n  address \S+ \S+\n  pre-shared-key) \S+\n")
    texts[spoke], changed = entry.subn(r"\1 another-key\n", texts[spoke])
    assert changed == 1, "the golden spoke has a group key"
    network = settled(spec, texts)
    down = {link.router for link in network.tunnels.links.values() if link.reason}
    assert down == {spoke}
