"""Whatever a router runs, the network has a state: damaged configurations never raise, they only take things down."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.lab.clock import LabClock
from agent.lab.config import ConfigTree
from agent.lab.models import Chassis
from agent.lab.net.world import LabWorld
from agent.lab.router import VirtualRouter
from agent.lab.shows import show
from agent.lab.snmp.access import read_access
from agent.lab.snmp.mib import RouterMib
from tests.examples import examples
from tests.unit.lab_net.conftest import SITES, make_spec, running

LINES = [line for line in running("spoke-a").splitlines() if line.strip()]
EXTRA = """
snmp-server group G v3 priv read V access A
snmp-server view V iso.3.6 included
ip access-list extended A
 10 permit tcp host 10.0.0.1 eq bgp 10.0.0.0 0.0.0.255 eq 22
ip prefix-list P seq 5 permit 10.0.0.0/8 ge 9 le 24
route-map M permit 10
 match ip address prefix-list P
ip route vrf CORP 10.9.0.0 255.255.0.0 Tunnel10 10.255.10.1 250
ntp server vrf MGMT 10.254.255.10 key 1
access-list 7 permit 10.0.0.1
access-list 107 deny ip any any
crypto pki trustpoint CA
 enrollment url http://ca
 fingerprint AA
""".strip().splitlines()
SHOWS = (
    "show dmvpn detail",
    "show crypto ikev2 sa detailed",
    "show crypto ipsec sa",
    "show bgp vpnv4 unicast all summary",
    "show ip nhrp",
    "show ip nhrp nhs",
    "show ip route vrf *",
    "show interfaces",
    "show ntp status",
    "show crypto ikev2 stats",
    "show crypto ikev2 stats exchange",
    "show crypto ikev2 stats timeout",
    "show crypto ikev2 diagnose error",
    "show crypto session detail",
    "show ip nhrp detail",
    "show ip nhrp nhs detail",
    "show ip nhrp traffic",
    "show processes cpu sorted",
    "show logging",
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A configuration with lines lost, cut after a word, doubled, or with a word replaced by another's."""
    lines = list(LINES) + EXTRA
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(lines) - 1))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        words = lines[at].split()
        if not words:
            continue
        cut = draw(st.integers(0, len(words)))
        kind = draw(st.sampled_from(["lose", "cut", "double", "swap", "strange"]))
        if kind == "lose":
            words = []
        elif kind == "cut":
            words = words[:cut]
        elif kind == "double":
            words += words[cut:]
        else:
            other = (
                draw(st.sampled_from(LINES)).split() if kind == "swap" else ["0", "-1", "999.1.1.1", "\u00e9", "vrf"]
            )
            words[min(cut, len(words) - 1)] = draw(st.sampled_from(other or ["x"]))
        lines[at] = indent + " ".join(words)
    return "\n".join(lines) + "\n"


@settings(max_examples=examples(300), deadline=None)
@given(damaged())
def test_a_damaged_configuration_never_raises(text: str) -> None:
    now = [1_800_000_000.0]
    clock = LabClock(real=lambda: now[0])
    spec = make_spec()
    world = LabWorld(spec, clock, show)
    for device in spec.devices:
        router = VirtualRouter(device.name, Chassis(device.model, device.serial, device.release), clock=clock)
        router.powered, router.ready_at, router.boots = True, clock.now(), 1
        world.attach(router)
        router.running = ConfigTree.parse(text if device.name == "spoke-a" else running(device.name))
    for _ in range(6):
        now[0] += 4
        world.network()
    router = world.routers["spoke-a"]
    for command in SHOWS:
        world.show(router, command)
    world.ping(router, "10.10.3.50", "CORP", None, 2)
    read_access(router.running)
    mib = RouterMib(router, world).now()
    assert all(mib.value(oid) is not None for oid in mib.oids())
    assert set(world.network().stations) == set(SITES)
    assert world.network().management_reason("spoke-b", "tcp", 22) is None, (
        "another router's nonsense harms nobody else"
    )
