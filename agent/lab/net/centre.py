"""The management centre's end of the management tunnels: an IKEv2 responder that takes any strong suite."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from agent.lab.net.ike import End
from agent.lab.running.crypto import (
    CryptoConfig,
    IkeProfile,
    IpsecProfile,
    KeyringPeer,
    Policy,
    Proposal,
    TransformSet,
)
from agent.lab.spec import LabSpec

_NAME = "CENTRE"
_GCM = Proposal(("aes-gcm-256",), (), ("sha512", "sha384", "sha256"), ("21", "20", "19"))
_CBC = Proposal(("aes-cbc-256",), ("sha512", "sha384", "sha256"), ("sha512", "sha384", "sha256"), ("21", "20", "19"))
_TRANSFORMS = (("esp-gcm 256",), ("esp-aes 256", "esp-sha256-hmac"), ("esp-aes 256", "esp-sha512-hmac"))
_PFS = ("group19", "group20", "group21", "")


@dataclass(frozen=True)
class CentreEnd:
    """Derived from the lab's specification once."""

    spec: LabSpec

    @property
    def address(self) -> IPv4Address:
        """The internet address that ends the tunnels."""
        return self.spec.centre.peer

    @property
    def tunnel_address(self) -> IPv4Address:
        """The centre's address inside the tunnels."""
        return self.spec.centre.tunnel_peer

    @cached_property
    def networks(self) -> tuple[IPv4Network, ...]:
        """What the tunnels lead to."""
        return (*self.spec.centre.networks, IPv4Network(self.tunnel_address))

    def expected(self, identity: str) -> IPv4Address | None:
        """The management address that belongs to an identity such as ``fqdn acme-lon-r1.managed.invalid``."""
        name = identity.removeprefix("fqdn ").removesuffix(f".{self.spec.centre.domain}").lower()
        return self._addresses.get(name) if identity.startswith("fqdn ") else None

    @cached_property
    def _addresses(self) -> dict[str, IPv4Address]:
        return {device.name.lower(): device.management for device in self.spec.devices}

    def end(self, pfs: str) -> End:
        """The end as a negotiation sees it; the centre takes whatever strong PFS group the router asks for."""
        return End(self._crypto(pfs if pfs in _PFS else _PFS[0]), _NAME, self.address, self.address, "", _NAME)

    def _crypto(self, pfs: str) -> CryptoConfig:
        centre = self.spec.centre
        key = KeyringPeer(IPv4Network("0.0.0.0/0"), "", centre.ike_psk, centre.ike_psk)
        dotted = centre.identity.replace(".", "").isdigit()
        sets = {
            f"{mode}-{number}": TransformSet(algorithms, mode)
            for mode in ("tunnel", "transport")
            for number, algorithms in enumerate(_TRANSFORMS)
        }
        return CryptoConfig(
            proposals={"GCM": _GCM, "CBC": _CBC},
            policies={_NAME: Policy("any", (), ("GCM", "CBC"))},
            keyrings={_NAME: (key,)},
            ike_profiles={
                _NAME: IkeProfile(
                    shutdown=False,
                    fvrf="any",
                    match=(f"fqdn domain {centre.domain}",),
                    maps=(),
                    identity=f"{'address' if dotted else 'fqdn'} {centre.identity}",
                    local="pre-share",
                    remote=frozenset({"pre-share"}),
                    keyring=_NAME,
                    trustpoint="",
                )
            },
            transforms=sets,
            ipsec_profiles={_NAME: IpsecProfile(tuple(sets), pfs, _NAME)},
        )
