"""The steps between two states of the interfaces: right, enough, and none where nothing differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as some

from device_templates.linux_frr.onboard.router.errors import Refused, Rejected
from device_templates.linux_frr.onboard.router.network.plan import plan
from device_templates.linux_frr.onboard.router.network.settings import (
    Breakout,
    Bridge,
    FrontDoor,
    Management,
    Settings,
    Tunnel,
    Vpn,
    read_settings,
)
from tests.examples import examples
from tests.lab.onboard.kernel import HOME, Kernel

PORTS = ("eth2", "eth3", "eth4")
TOML = """\
hostname = "acme-lon-r1"
[front_door]
interface = "eth0"
address = "198.51.100.10/29"
gateway = "198.51.100.9"
[management]
interface = "mgmt0"
address = "10.254.0.11/32"
key = 4095
peer = "203.0.113.1"
networks = ["10.254.0.0/24"]
[[vpn]]
name = "corporate"
[vpn.tunnel]
name = "gre10"
key = 10
[[vpn.lan]]
name = "vlan10"
ports = ["eth2"]
[vpn.breakout]
name = "ibo10"
inside = "100.64.10.2/30"
outside = "100.64.10.1/30"
[ilan]
name = "vlan50"
ports = ["eth3"]
address = "192.168.50.1/24"
[ports]
unused = ["eth4"]
"""


def brought(kernel: Kernel, wanted: Settings, made: frozenset[str] = frozenset()) -> frozenset[str]:
    """Bring a kernel to the settings; what is ours then."""
    steps = plan(wanted, kernel.seen(), made, HOME)
    kernel.lines.clear()
    kernel.take(steps)
    return steps.made


def test_a_blank_router_gets_everything_and_the_tunnel_begins_in_the_front_door() -> None:
    kernel = Kernel.with_ports("eth0", *PORTS)
    brought(kernel, read_settings(TOML))
    lines = kernel.lines
    made = lines.index(": link add name gre10 type gre key 10 ttl 64 local 198.51.100.10")
    assert lines[made + 1] == ": link set dev gre10 netns corporate"
    assert kernel.links["corporate"]["gre10"].mtu == 1400
    assert kernel.links["corporate"]["gre10"].up
    assert kernel.links["corporate"]["eth2"].master == "vlan10"
    assert kernel.links[""]["vlan50"].addresses == ("192.168.50.1/24",)
    assert kernel.links[""]["ibo10-fd"].addresses == ("100.64.10.1/30",)
    assert not kernel.links[""]["eth4"].up
    assert ("10.254.0.0/24", "", "mgmt0") in kernel.routes
    assert any(line.endswith("route replace 10.254.0.0/24 dev mgmt0 src 10.254.0.11") for line in lines)


def test_a_new_wan_address_makes_only_the_tunnels_anew() -> None:
    kernel = Kernel.with_ports("eth0", *PORTS)
    made = brought(kernel, read_settings(TOML))
    brought(kernel, read_settings(TOML.replace("198.51.100.10/29", "198.51.100.11/29")), made)
    assert not [line for line in kernel.lines if "vlan10" in line or "eth2" in line or "ibo10" in line]
    assert kernel.links["corporate"]["gre10"].data["local"] == "198.51.100.11"
    assert kernel.links[""]["mgmt0"].data["local"] == "198.51.100.11"
    assert "gre10" not in kernel.links[""]


def test_without_a_lease_all_is_ready_but_what_needs_the_address() -> None:
    kernel = Kernel.with_ports("eth0", *PORTS)
    text = TOML.replace('address = "198.51.100.10/29"\ngateway = "198.51.100.9"', 'address = "dhcp"')
    leaseless = read_settings(text)
    assert leaseless.front_door is not None
    waiting = Settings(**{**vars(leaseless), "front_door": FrontDoor("eth0", "", "", 1500)})
    made = brought(kernel, waiting)
    assert "mgmt0" not in kernel.links[""]
    assert "gre10" not in kernel.links["corporate"]
    assert kernel.links["corporate"]["vlan10"].up
    leased = Settings(**{**vars(leaseless), "front_door": FrontDoor("eth0", "192.0.2.7/24", "192.0.2.1", 1500)})
    brought(kernel, leased, made)
    assert kernel.links["corporate"]["gre10"].data["local"] == "192.0.2.7"


def test_what_others_made_is_left_alone() -> None:
    kernel = Kernel.with_ports("eth0", *PORTS)
    kernel._line("", ["link", "add", "name", "lab0", "type", "bridge"])
    kernel._line("", ["netns", "add", "somebody"])
    made = brought(kernel, read_settings(TOML))
    brought(kernel, Settings(), made)
    assert "lab0" in kernel.links[""]
    assert "somebody" in kernel.links
    assert set(kernel.links[""]) == {"lo", "eth0", "lab0", *PORTS}


def test_a_missing_port_is_named() -> None:
    with pytest.raises(Rejected, match=r"eth3 .* is not on this router; it has eth0, eth2"):
        brought(Kernel.with_ports("eth0", "eth2"), read_settings(TOML))


VPNS = some.sampled_from(("corporate", "cctv"))


@some.composite
def settings(draw: some.DrawFn) -> Settings:
    """Any settings of a router with these ports."""
    names = draw(some.lists(VPNS, unique=True))
    ports = list(draw(some.permutations(PORTS)))
    vpns = []
    for number, name in enumerate(names, start=1):
        taken = (ports.pop(),) if draw(some.booleans()) else ()
        key = draw(some.sampled_from((10, 300)))
        vpns.append(
            Vpn(
                name,
                Tunnel(f"gre{number}", key, draw(some.sampled_from((1400, 1380))), 64)
                if draw(some.booleans())
                else None,
                (Bridge(f"vlan{number}", taken),) if taken else (),
                Breakout(f"ibo{number}", "100.64.1.2/30", "100.64.1.1/30") if draw(some.booleans()) else None,
            )
        )
    door = FrontDoor("eth0", draw(some.sampled_from(("", "192.0.2.7/24", "192.0.2.8/24"))), "192.0.2.1", 1500)
    door = door if door.address else FrontDoor("eth0", "", "", 1500)
    networks = tuple(draw(some.lists(some.sampled_from(("10.254.0.0/24", "10.253.0.0/24")), unique=True)))
    management = Management("mgmt0", "10.254.0.11/32", 4095, "203.0.113.1", networks, 1400)
    ilan = Bridge("vlan50", (ports.pop(),), "192.168.50.1/24") if draw(some.booleans()) else None
    return Settings("r1", door, management if draw(some.booleans()) else None, tuple(vpns), ilan, tuple(ports))


@effort(max_examples=examples(120))
@given(some.lists(settings(), min_size=1, max_size=4))
def test_from_any_settings_to_any_others_in_one_go(way: list[Settings]) -> None:
    kernel = Kernel.with_ports("eth0", *PORTS)
    made: frozenset[str] = frozenset()
    for wanted in way:
        made = brought(kernel, wanted, made)
        again = plan(wanted, kernel.seen(), made, HOME)
        assert [step.lines for step in again.steps if step.lines] == []
        assert set(kernel.links) == {"", *wanted.places}
        for vpn in wanted.vpns:
            for lan in vpn.lans:
                assert all(kernel.links[vpn.name][port].master == lan.name for port in lan.ports)
    brought(kernel, Settings(), made)
    assert set(kernel.links) == {""}
    assert set(kernel.links[""]) == {"lo", "eth0", *PORTS}


@effort(max_examples=examples(120))
@given(settings(), settings(), some.integers(0, 40))
def test_a_way_that_broke_off_is_gone_to_its_end_by_the_next(first: Settings, second: Settings, stop: int) -> None:
    kernel = Kernel.with_ports("eth0", *PORTS)
    made = brought(kernel, first)
    steps = plan(second, kernel.seen(), made, HOME)
    done = 0
    for step in steps.steps:
        for line in step.lines:
            if done == stop:
                break
            kernel._line(step.place, line.split())
            done += 1
    # What was begun counts as ours: the program writes that down before the first step.
    made = brought(kernel, second, made | steps.made)
    assert [step.lines for step in plan(second, kernel.seen(), made, HOME).steps if step.lines] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"gre10"', '"gre10; link delete eth0"'), "vpn\\[1\\].tunnel.name"),
        (('interface = "eth0"', 'interface = "lo"'), "front_door.interface"),
        (("key = 10\n", 'key = "10"\n'), "vpn\\[1\\].tunnel.key is not a int"),
        (("key = 10\n", "key = 10\nspeed = 1\n"), "vpn\\[1\\].tunnel.speed is not known"),
        (('name = "corporate"', 'name = "front-door"'), "vpn\\[1\\].name"),
        (('name = "corporate"', 'name = "../etc"'), "vpn\\[1\\].name"),
        (('"192.168.50.1/24"', '"192.168.50.1"'), "no prefix length"),
        (('unused = ["eth4"]', 'unused = ["eth0"]'), "the interface 'eth0' is used twice"),
        (('gateway = "198.51.100.9"', ""), "front_door.gateway is missing"),
        (('peer = "203.0.113.1"', 'peer = "centre"'), "management.peer"),
        (("[ports]", "[ports"), "network.toml"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_their_place(change: tuple[str, str], words: str) -> None:
    assert change[0] in TOML
    with pytest.raises(Refused, match=words):
        read_settings(TOML.replace(*change))
