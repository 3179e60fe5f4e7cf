"""The fault "a certificate has expired": what goes down, who says so, and what ends it."""

from __future__ import annotations

import pytest

from agent.lab.errors import LabError
from agent.lab.net.reasons import Reason
from agent.lab.pki.client import ask, authenticate, trustpoints
from agent.lab.pki.reach import authority_at
from agent.lab.spec import Authority
from tests.unit.lab_net.conftest import SITES, Live, running

URL = "http://10.254.255.50:80"
AUTHORITY = Authority(url=URL, fingerprint="A" * 40, name="acme-ca")
TRUSTPOINT = f"""
crypto pki trustpoint CA
 enrollment url {URL}
 fingerprint {"A" * 40}
 subject-name CN={{name}},OU=acme.vpn
 vrf MGMT
 source interface Tunnel4095
 auto-enroll 80 regenerate
crypto pki certificate map ACME 10
 subject-name co ou = acme.vpn
"""


def certified(name: str) -> str:
    start, rest = running(name).split("crypto ikev2 profile VPN\n")
    rest = rest.replace("pre-share", "rsa-sig", 2).replace("keyring local VPN", "pki trustpoint CA", 1)
    rest = rest.replace("match identity remote address 0.0.0.0", "match certificate ACME", 1)
    return TRUSTPOINT.format(name=name) + start + "crypto ikev2 profile VPN\n" + rest


class Certified(Live):
    """Three routers that have enrolled through their management tunnels."""

    def __init__(self) -> None:
        super().__init__()
        self.world.spec = self.spec = self.spec.model_copy(update={"authorities": (AUTHORITY,)})
        for name in SITES:
            self.run(name, certified(name))
        self.wait(10)
        for name in SITES:
            self.enrol(name)
        self.wait(20)

    def enrol(self, name: str) -> None:
        router = self.world.routers[name]
        if trustpoints(router)["CA"].authority is None:
            authenticate(router, "CA")
        ask(router, "CA")
        self.tick(5)

    def tick(self, seconds: float) -> None:
        self.time.seconds += seconds
        for router in self.world.routers.values():
            router.tick()
        self.wait(10)

    def reasons(self, name: str) -> set[Reason | None]:
        links = self.world.network().links_of(name)
        return {link.reason for link in links if link.interface != "Tunnel4095" and link.role == "server"}


@pytest.fixture
def live() -> Certified:
    made = Certified()
    assert {name: made.reasons(name) for name in ("spoke-a", "spoke-b")} == {"spoke-a": {None}, "spoke-b": {None}}
    return made


def test_only_that_routers_tunnels_go_down_and_management_stays(live: Certified) -> None:
    live.world.damage("spoke-a", "certificate")
    live.wait(2)
    assert live.reasons("spoke-a") == {Reason.CERTIFICATE_EXPIRED}
    assert live.reasons("spoke-b") == {None}
    assert live.world.network().management_reason("spoke-a", "tcp", 22) is None
    assert [str(fault) for fault in live.world.faults("spoke-a")] == ["certificate CORP"]


def test_an_expired_hub_loses_every_spoke_and_they_say_so(live: Certified) -> None:
    live.world.damage("hub", "certificate")
    live.wait(2)
    for spoke in ("spoke-a", "spoke-b"):
        assert live.reasons(spoke) == {Reason.PEER_CERTIFICATE_EXPIRED}
        assert "%PKI-3-CERTIFICATE_INVALID_EXPIRED" in live.show(spoke, "show logging")
    assert "CERTIFICATE_INVALID_EXPIRED" not in live.show("hub", "show logging")


def test_it_is_not_renewed_by_itself_but_by_hand(live: Certified) -> None:
    live.world.damage("spoke-a", "certificate")
    live.tick(4000)
    assert live.reasons("spoke-a") == {Reason.CERTIFICATE_EXPIRED}
    live.enrol("spoke-a")
    live.wait(10)
    assert live.reasons("spoke-a") == {None}
    assert live.world.faults("spoke-a") == ()
    assert "%PKI-3-CERTIFICATE_INVALID_EXPIRED" in live.show("hub", "show logging")


def test_a_repair_gives_it_its_time_back(live: Certified) -> None:
    live.world.damage("spoke-a", "certificate", vpn="cctv")
    live.wait(2)
    live.world.mend("spoke-a", "certificate")
    live.wait(10)
    assert live.reasons("spoke-a") == {None}
    assert live.world.faults("spoke-a") == ()


def test_a_router_with_keys_has_none_to_expire() -> None:
    live = Live()
    with pytest.raises(LabError, match="CORP has no certificate"):
        live.world.damage("spoke-a", "certificate")
    assert live.world.faults("spoke-a") == ()


def test_the_authority_is_reached_through_the_management_tunnel_only(live: Certified) -> None:
    trustpoint = trustpoints(live.world.routers["spoke-a"])["CA"]
    assert authority_at(live.world.network(), "spoke-a", trustpoint) == AUTHORITY
    live.world.damage("spoke-a", "management")
    assert authority_at(live.world.network(), "spoke-a", trustpoint) is None
    live.world.mend("spoke-a")
    live.wait(10)
    live.change("spoke-a", " vrf MGMT\n", "")
    elsewhere = trustpoints(live.world.routers["spoke-a"])["CA"]
    assert authority_at(live.world.network(), "spoke-a", elsewhere) is None
