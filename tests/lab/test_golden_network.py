"""What the templates write, judged by the lab: in the network of the golden configurations everything comes up."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from agent.app.lab import lab_spec
from agent.lab.config import ConfigTree
from agent.lab.net.network import History, Network
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.routing.ground import End
from agent.lab.running.config import read_config
from agent.lab.spec import LabSpec
from agent.lab.traffic.packets import Packet
from agent.lab.traffic.standby import State
from inventory.settings import Nat, Reach
from tests.certified import enrolled
from tests.golden.regenerate import Case, cases

#: The table of guests, who may say nothing to the router but DHCP: it hears no answer from them.
GUESTS = "ILAN"
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
    spec = lab_spec(replace(inventory, settings=translated), case.secret, 1.0)
    return spec, {name: enrolled(text, spec.authorities) for name, text in texts.items()}


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
                promised = there[1] == table[1] != GUESTS
                assert arrives == promised, f"{table} {source} -> {there} {host}"
                tried += 1
    assert tried > len(places)


@pytest.mark.parametrize("name", ["two_hubs", "two_vpns"])
def test_a_spoke_with_another_group_key_stays_out(name: str) -> None:
    spec, texts = golden(next(case for case in cases() if case.folder.name == name))
    spoke = next(name for name, text in texts.items() if "listen range" not in text)
    entry = re.compile(r"(crypto ikev2 keyring VPN\n peer \S+\n  address \S+ \S+\n  pre-shared-key) \S+\n")
    texts[spoke], changed = entry.subn(r"\1 another-key\n", texts[spoke])
    assert changed == 1, "the golden spoke has a group key"
    network = settled(spec, texts)
    down = {link.router for link in network.tunnels.links.values() if link.reason}
    assert down == {spoke}


def certified() -> tuple[LabSpec, dict[str, str]]:
    return golden(next(case for case in cases() if case.folder.name == "certificates"))


def down(spec: LabSpec, texts: dict[str, str]) -> dict[str, set[Reason]]:
    """Why tunnels are down, by the router that begins them."""
    found: dict[str, set[Reason]] = {}
    for link in settled(spec, texts).tunnels.links.values():
        if link.reason:
            found.setdefault(link.router, set()).add(link.reason)
    return found


def test_a_certificate_of_another_customer_is_not_accepted() -> None:
    """Of the same authority, with its private key, in a router that is configured as the customer's own are."""
    spec, texts = certified()
    authority = next(one for one in spec.authorities if one.name == "provider-ca")
    own = (Path(__file__).parents[1] / "golden/certificates/expected/ini-dal.cfg").read_text(encoding="utf-8")
    stolen = own.replace("CN=ini-dal,OU=initech.vpn", "CN=ini-dal,OU=initech-two.vpn")
    assert stolen != own
    texts["ini-dal"] = enrolled(stolen, (authority,))
    assert down(spec, texts) == {"ini-dal": {Reason.IDENTITY}}


def test_a_certificate_of_another_authority_is_not_accepted() -> None:
    spec, texts = certified()
    other = next(one for one in spec.authorities if one.name == "public-ca")
    own = (Path(__file__).parents[1] / "golden/certificates/expected/ini-dal.cfg").read_text(encoding="utf-8")
    texts["ini-dal"] = enrolled(own.replace("http://10.254.255.50:80/pkiclient", other.url), (other,))
    assert down(spec, texts) == {"ini-dal": {Reason.OTHER_AUTHORITY}}


def test_without_certificates_no_tunnel_of_a_customer_comes_up() -> None:
    spec, texts = certified()
    for name in texts:
        texts[name] = (Path(__file__).parents[1] / f"golden/certificates/expected/{name}.cfg").read_text("utf-8")
    assert down(spec, texts) == {"ini-dal": {Reason.NO_CERTIFICATE}, "rod-eni": {Reason.NO_CERTIFICATE}}


def test_whoever_is_beside_a_primary_stands_by_and_guests_have_the_internet(case: Case) -> None:
    network = settled(*golden(case))
    for station in network.stations.values():
        for interface in station.config.interfaces.values():
            states = [state for _, state in network.standby(station, interface)]
            assert states == [State.STANDBY] * len(states), (station.name, interface.name)
        own = station.interface("Vlan50")
        if own is not None and own.vrf == GUESTS:
            for guest in station.hosts_on(own):
                packet = Packet("tcp", guest, IPv4Address("9.9.9.9"), 443, 49152)
                trip = network.forwarding.send((station.name, own.vrf), packet, own.name)
                assert (trip.end, network.forwarding.answer(trip, (station.name, own.vrf), own.name)) == (
                    End.INTERNET,
                    None,
                )
