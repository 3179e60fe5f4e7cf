"""The commands of each topic on IOS-XE, and what their answers say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from device_templates.cisco_iosxe.names import tunnel_of
from device_templates.cisco_iosxe.shows import box, crypto
from device_templates.cisco_iosxe.shows import tunnels as links
from device_templates.shows import (
    Certificate,
    ClockSync,
    IkeRequests,
    IkeState,
    InterfaceState,
    IpsecCounters,
    Load,
    LogLine,
    Neighbor,
    NextHopServer,
    Show,
    Shown,
    TunnelPeer,
    VpnRef,
)


class IosXeShows:
    """Implements ``device_templates.shows.Shows``; where a command shows all VPNs, addresses tell them apart."""

    def tunnels(self, show: Show, vpn: VpnRef) -> Shown[tuple[TunnelPeer, ...]]:
        """``show dmvpn`` has all tunnels, each under its interface."""
        text = show("show dmvpn")
        own = ("", tunnel_of(vpn))
        return Shown(text, tuple(peer for interface, peer in links.tunnels(text) if interface in own))

    def nhrp(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, str]]:  # noqa: ARG002
        text = show("show ip nhrp")
        return Shown(text, links.nhrp(text))

    def servers(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, NextHopServer]]:  # noqa: ARG002
        text = show("show ip nhrp nhs detail")
        return Shown(text, links.servers(text))

    def neighbors(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, Neighbor]]:  # noqa: ARG002
        text = show("show bgp vpnv4 unicast all summary")
        return Shown(text, links.neighbors(text))

    def ike(self, show: Show) -> Shown[Mapping[str, IkeState]]:
        text = show("show crypto ikev2 sa")
        return Shown(text, links.ike(text))

    def ipsec(self, show: Show, remote: str) -> Shown[IpsecCounters | None]:
        text = show(f"show crypto ipsec sa peer {remote}")
        return Shown(text, crypto.ipsec(text).get(remote))

    def ike_failures(self, show: Show) -> Shown[int | None]:
        text = show("show crypto ikev2 stats exchange")
        return Shown(text, crypto.error_notifies(text).get("AUTHENTICATION_FAILED", 0))

    def ike_errors(self, show: Show) -> Shown[Mapping[str, int]]:
        text = show("show crypto ikev2 diagnose error")
        return Shown(text, crypto.ike_errors(text))

    def ike_requests(self, show: Show) -> Shown[tuple[IkeRequests, ...]]:
        text = show("show crypto ikev2 stats")
        return Shown(text, crypto.ike_requests(text))

    def keys(self, show: Show) -> Shown[Mapping[str, frozenset[str]]]:
        text = show("show running-config | section crypto ikev2 keyring")
        return Shown(text, crypto.keys(text))

    def certificates(self, show: Show) -> Shown[tuple[Certificate, ...]]:
        text = show("show crypto pki certificates")
        return Shown(text, crypto.certificates(text))

    def clock(self, show: Show) -> Shown[datetime | None]:
        text = show("show clock")
        return Shown(text, crypto.moment(text))

    def load(self, show: Show) -> Shown[Load | None]:
        text = show("show processes cpu sorted 1min")
        return Shown("\n".join(text.splitlines()[:15]), box.load(text))

    def log(self, show: Show) -> Shown[tuple[LogLine, ...]]:
        """The year of its lines is that of the router's clock."""
        lines = box.log_tail(show("show logging"), self.clock(show).value)
        return Shown("\n".join(map(str, lines)), lines)

    def interfaces(self, show: Show) -> Shown[Mapping[str, InterfaceState]]:
        text = show("show ip interface brief")
        return Shown(text, box.interfaces(text))

    def ntp(self, show: Show) -> Shown[ClockSync]:
        text = show("show ntp status")
        return Shown(text, box.ntp(text))


SHOWS = IosXeShows()
