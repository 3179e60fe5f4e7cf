"""The topics of the router's program that answer each question, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from device_templates.linux_frr.shows import box, tunnels
from device_templates.linux_frr.shows.answers import Answer, laid_out, of_vpn
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


class LinuxFrrShows:
    """Implements ``device_templates.shows.Shows``; texts are laid out, one line for each row of an answer."""

    def tunnels(self, show: Show, vpn: VpnRef) -> Shown[tuple[TunnelPeer, ...]]:
        """Beside what NHRP has, the hubs that it asks: what is not there yet is told too."""
        answer, servers = Answer.of(show(f"tunnels {vpn.name}")), Answer.of(show(f"servers {vpn.name}"))
        peers = tunnels.tunnels(of_vpn(answer, vpn), answer["sas"], of_vpn(servers, vpn)["servers"])
        words = [f"{one.tunnel} at {one.nbma or 'no known address'}: {one.state}" for one in peers]
        return Shown("\n".join([*words, laid_out(answer)]), peers)

    def nhrp(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, str]]:
        answer = of_vpn(Answer.of(show(f"nhrp {vpn.name}")), vpn)
        return Shown(laid_out(answer), tunnels.nhrp(answer["cache"]))

    def servers(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, NextHopServer]]:
        answer = of_vpn(Answer.of(show(f"servers {vpn.name}")), vpn)
        return Shown(laid_out(answer), tunnels.servers(answer))

    def neighbors(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, Neighbor]]:
        summary = Answer.of(show(f"bgp {vpn.name}"))[vpn.name]["summary"]
        return Shown(laid_out(summary), tunnels.neighbors(summary))

    def ike(self, show: Show) -> Shown[Mapping[str, IkeState]]:
        answer = Answer.of(show("ike"))
        return Shown(laid_out(answer), tunnels.ike(answer["sas"]))

    def ipsec(self, show: Show, remote: str) -> Shown[IpsecCounters | None]:
        answer = Answer.of(show(f"ipsec {remote}"))
        return Shown(laid_out(answer), tunnels.ipsec(answer["sas"], remote))

    def ike_failures(self, show: Show) -> Shown[int | None]:
        answer = Answer.of(show("ike-errors"))
        return Shown(laid_out(answer), box.ike_failures(answer))

    def ike_errors(self, show: Show) -> Shown[Mapping[str, int]]:
        answer = Answer.of(show("ike-errors"))
        return Shown(laid_out(answer), box.ike_errors(answer))

    def ike_requests(self, show: Show) -> Shown[tuple[IkeRequests, ...]]:
        answer = Answer.of(show("ike-requests"))
        return Shown(laid_out(answer), box.ike_requests(answer))

    def keys(self, show: Show) -> Shown[Mapping[str, frozenset[str]]]:
        """The text is what they hash to: the answer itself may be in clear."""
        found = box.keys(Answer.of(show("keys")))
        return Shown("\n".join(f"{name}: {', '.join(sorted(keys))}" for name, keys in found.items()), found)

    def certificates(self, show: Show) -> Shown[tuple[Certificate, ...]]:
        answer = Answer.of(show("certificates"))
        return Shown(laid_out(answer), box.certificates(answer))

    def clock(self, show: Show) -> Shown[datetime | None]:
        answer = Answer.of(show("clock"))
        return Shown(laid_out(answer), answer["utc"].moment())

    def load(self, show: Show) -> Shown[Load | None]:
        answer = Answer.of(show("load"))
        return Shown(laid_out(answer), box.load(answer))

    def log(self, show: Show) -> Shown[tuple[LogLine, ...]]:
        lines = box.log(Answer.of(show("log")))
        return Shown("\n".join(map(str, lines)), lines)

    def interfaces(self, show: Show) -> Shown[Mapping[str, InterfaceState]]:
        found = box.interfaces(Answer.of(show("interfaces")))
        return Shown("\n".join(f"{name}: {one.words}" for name, one in found.items()), found)

    def ntp(self, show: Show) -> Shown[ClockSync]:
        answer = Answer.of(show("ntp"))
        return Shown(laid_out(answer), box.ntp(answer))


SHOWS = LinuxFrrShows()
