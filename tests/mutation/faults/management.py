"""Faults of management and of what a router tells others: tunnel to the centre, SNMP, logging, logins."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.mutation.drawing import after, either, gone, inside, into, number, stranger, with_random
from tests.mutation.faults.tunnels import in_other_vrf
from tests.mutation.mutant import Catalogue, Router

MANAGEMENT = Catalogue()
fault, drawing = MANAGEMENT.fault, MANAGEMENT.drawing


def _has_vlan_10(router: Router) -> bool:
    return "\ninterface Vlan10\n" in router.config.text


TUNNEL = r"interface Tunnel4095"
READERS = r"ip access-list standard SNMP-\S+"
PROFILE = r"crypto ikev2 profile MANAGEMENT"
KEYRING = r"crypto ikev2 keyring MANAGEMENT"
IPSEC = r"crypto ipsec profile MANAGEMENT"

fault("management tunnel missing or down", "the centre does not reach the router", "WV-7",
      either(gone(TUNNEL), inside(TUNNEL, "shutdown")))  # fmt: skip
fault(
    "management tunnel to elsewhere",
    "the centre is at another address, and a stranger at this one",
    "WV-7",
    either(into(r"tunnel destination \S+", with_random("tunnel destination {}", stranger), under=TUNNEL),
           gone(r"tunnel destination \S+", TUNNEL)),
)  # fmt: skip
fault(
    "management tunnel's source or mode",
    "it starts at an interface without an internet address, or speaks what the centre does not",
    "WV-7 WV-3",
    either(into(r"tunnel source \S+", "tunnel source Loopback0", "tunnel source Vlan1", under=TUNNEL),
           gone(r"tunnel source \S+", TUNNEL), gone(r"tunnel mode ipsec ipv4", TUNNEL),
           into(r"tunnel mode ipsec ipv4", "tunnel mode gre ip", "tunnel mode gre multipoint", under=TUNNEL)),
)  # fmt: skip
fault(
    "management tunnel's protection",
    "it is in clear, or has the key of the customer's VPNs",
    "WV-7 WV-3",
    either(gone(r"tunnel protection .*", TUNNEL),
           into(r"tunnel protection ipsec profile MANAGEMENT", "tunnel protection ipsec profile VPN", under=TUNNEL)),
)  # fmt: skip


@drawing("management in another table", "management and a VPN are joined, or management is cut off", "WV-7 WV-6")
def _table(router: Router, _: Random) -> Iterator[str]:
    for where in (TUNNEL, r"interface Loopback0"):
        yield from in_other_vrf(router, where)
        yield from gone(r"(ip )?vrf forwarding \S+", where)(router, Random(0))


fault(
    "management address changed or missing",
    "the centre asks for the router at another address",
    "WV-7",
    either(into(r"ip address \S+ 255\.255\.255\.255", "no ip address",
                with_random("ip address 10.254.99.{} 255.255.255.255", number(1, 250)), under=r"interface Loopback0"),
           gone(r"ip unnumbered Loopback0", TUNNEL), gone(r"interface Loopback0"),
           inside(r"interface Loopback0", "shutdown")),
)  # fmt: skip
fault(
    "route to the centre missing or wrong",
    "answers to the centre do not find their way, or leave outside the tunnel",
    "WV-7",
    either(gone(r"ip route vrf MGMT .*"), into(r"(ip route vrf MGMT \S+ \S+) Tunnel4095", r"\1 Null0"),
           after(r"ip route vrf MGMT 10\.254\.255\.0 .*", "ip route vrf MGMT 10.254.255.0 255.255.255.128 Null0",
                 "ip route vrf MGMT 10.254.255.20 255.255.255.254 Null0"),
           into(r"ip route vrf MGMT (\S+) \S+ Tunnel4095", r"ip route vrf MGMT \1 255.255.255.252 Tunnel4095",
                "ip route vrf MGMT 10.77.0.0 255.255.255.0 Tunnel4095"),
           into(r"ip route vrf MGMT (\S+ \S+) Tunnel4095", r"ip route \1 Tunnel4095")),
)  # fmt: skip
fault(
    "management key changed or missing",
    "the centre, and its other routers, have another key",
    "WV-7 WV-3",
    either(into(r"pre-shared-key .*", with_random("pre-shared-key Another-Key-{}", number(10, 99)), under=KEYRING),
           gone(r"pre-shared-key .*", KEYRING)),
)  # fmt: skip
fault(
    "management with the customer's key",
    "whoever has the key of a VPN can be the centre",
    "WV-7",
    into(
        r"pre-shared-key .*",
        lambda router, _, __: (f"pre-shared-key {key}" for key in _vpn_keys(router)),
        under=KEYRING,
    ),
)
fault(
    "no key for the centre",
    "the keyring's entry is that of another address",
    "WV-7",
    either(into(r"address 203\.0\.113\.1", with_random("address {}", stranger), under=KEYRING),
           gone(r"peer \S+", KEYRING), gone(KEYRING), gone(r"keyring local \S+", PROFILE)),
)  # fmt: skip
fault(
    "the centre is not known, or does not know the router",
    "IKE names others than the ends have",
    "WV-7",
    either(into(r"match identity remote fqdn \S+", "match identity remote fqdn somebody.invalid", under=PROFILE),
           gone(r"match identity remote .*", PROFILE),
           into(r"identity local fqdn \S+", "identity local fqdn somebody.invalid", under=PROFILE),
           gone(r"identity local .*", PROFILE)),
)  # fmt: skip
fault(
    "management's IKE or IPsec profile",
    "it is missing, signs instead of using a key, or is that of the customer's VPNs",
    "WV-7 WV-6 WV-3",
    either(gone(PROFILE), gone(IPSEC), gone(r"set ikev2-profile \S+", IPSEC),
           into(r"set ikev2-profile \S+", "set ikev2-profile VPN", "set ikev2-profile OTHER", under=IPSEC),
           into(r"authentication (local|remote) pre-share", r"authentication \1 rsa-sig", under=PROFILE),
           gone(r"authentication (local|remote) \S+", PROFILE)),
)  # fmt: skip

fault("SNMP may write", "a manager, or the customer, can change the router", "WV-13 WV-7",
      into(r"(snmp-server group (\S+) v3 priv read \S+)( access .*)?", r"\1 write \2\3"))  # fmt: skip
fault(
    "SNMP group open or unencrypted",
    "anybody who has the user's name may read, or reads along",
    "WV-13 WV-7",
    either(into(r"(snmp-server group .*) access \S+", r"\1"),
           into(r"(snmp-server group \S+ v3) priv (.*)", r"\1 auth \2", r"\1 noauth \2")),
)  # fmt: skip
fault(
    "SNMP open to further hosts",
    "the feed is for two hosts at most, those that were ordered; the fleet's is for the centre",
    "WV-13 WV-7",
    either(inside(READERS, with_random("5 permit {}", stranger), "5 permit any",
                  "5 permit 10.0.0.0 0.255.255.255"),
           into(r"(\d+) permit (\d+\.\d+\.\d+\.\d+)", r"\1 permit \2 0.0.0.255", under=READERS),
           into(r"(\d+) deny any log", r"\1 permit any", under=READERS)),
)  # fmt: skip
fault(
    "SNMP closed to a host",
    "a host that was ordered, or the centre's manager, reads nothing",
    "WV-13 WV-10 WV-7",
    either(gone(r"\d+ permit .*", READERS),
           inside(READERS, "5 deny any", "5 deny 10.0.0.0 0.255.255.255"),
           into(r"(\d+) permit (\S+)", r"\1 deny \2", under=READERS)),
)  # fmt: skip
fault(
    "SNMP group or view missing",
    "the centre or the customer reads nothing",
    "WV-13 WV-10 WV-7 WV-6",
    either(gone(r"snmp-server group .*"), gone(r"snmp-server view \S+ iso included"),
           into(r"(snmp-server group \S+ v3 priv read) \S+", r"\1 OTHER")),
)  # fmt: skip
fault(
    "SNMP view shows users, groups or communities",
    "the customer sees how the provider reads the router",
    "WV-13",
    either(gone(r"snmp-server view FEED snmp\S+ excluded"),
           after(r"snmp-server view FEED iso included", "snmp-server view FEED vacmMIBObjects included",
                 "snmp-server view FEED 1.3.6.1.6.3.15.1 included"),
           into(r"(snmp-server view FEED snmp\S+) excluded", r"\1 included"),
           into(r"(snmp-server group FEED v3 priv read) FEED", r"\1 FLEET")),
)  # fmt: skip
fault(
    "SNMP community",
    "version 2c is in clear, and open to whoever knows the word",
    "WV-13 WV-7",
    after(r"snmp-server view FLEET iso included", "snmp-server community public RO", "snmp-server community private RW",
          "snmp-server community public RO SNMP-FLEET", "snmp-server community public view FLEET RO"),
)  # fmt: skip
fault(
    "SNMP notifications to a stranger",
    "what happens in the router is told to somebody else",
    "WV-13 WV-7",
    either(after(r"snmp-server host .*", with_random("snmp-server host {} version 2c public", stranger)),
           into(r"snmp-server host \S+ (.*)", with_random(r"snmp-server host {} \1", stranger))),
)  # fmt: skip
fault(
    "log to a stranger",
    "all that the router logs is told to somebody else",
    "WV-14 WV-17 WV-7",
    either(after(r"logging host .*", with_random("logging host {}", stranger)),
           into(r"logging host (\S+)(.*)", with_random(r"logging host {}\2", stranger))),
)  # fmt: skip
fault(
    "logins from anywhere",
    "no list says who may log in, or one that lets in whoever asks",
    "WV-7 WV-6",
    either(gone(r"access-class .*", r"line vty .*"),
           inside(r"ip access-list standard MANAGEMENT-SSH", "5 permit any", with_random("5 permit {}", stranger)),
           into(r"(\d+) deny any log", r"\1 permit any", under=r"ip access-list standard MANAGEMENT-SSH"),
           into(r"access-class \S+ in vrf-also", "access-class SNMP-FEED in vrf-also", under=r"line vty .*")),
)  # fmt: skip
fault(
    "no logins from the centre",
    "the centre cannot manage the router",
    "WV-7",
    either(into(r"(access-class \S+ in) vrf-also", r"\1", under=r"line vty 0 .*"),
           gone(r"\d+ permit .*", r"ip access-list standard MANAGEMENT-SSH"),
           inside(r"ip access-list standard MANAGEMENT-SSH", "5 deny any"),
           into(r"(\d+) permit \S+ (\S+)", r"\1 permit 10.77.0.0 \2", under=r"ip access-list standard MANAGEMENT-SSH")),
)  # fmt: skip
fault(
    "logins in clear",
    "telnet shows every password on its way",
    "WV-7",
    into(r"transport input ssh", "transport input telnet", "transport input all", "transport input telnet ssh",
         under=r"line vty .*"),
)  # fmt: skip
_SHUT = (
    "policy-map type inspect SHUT\n class class-default\n  drop\nzone-pair security SHUT source {} destination {}\n"
    " service-policy type inspect SHUT"
)
fault(
    "management shut off by a zone pair",
    "what the centre sends, or what the router answers, is dropped",
    "WV-7",
    after(r"zone security MGMT", _SHUT.format("MGMT", "self"), _SHUT.format("self", "MGMT")),
)

fault(
    "anybody is the centre",
    "whoever has the key, and not the centre alone, is let into management",
    "WV-7",
    into(r"match identity remote fqdn \S+", "match identity remote any", "match identity remote address 0.0.0.0",
         under=PROFILE),
)  # fmt: skip
fault(
    "time from a stranger, or without proof",
    "certificates and logs are worth what the clock is",
    "WV-7",
    either(gone(r"ntp (authenticate|trusted-key \d+|authentication-key .*|server .*)"),
           into(r"(ntp server vrf MGMT) \S+ (.*)", with_random(r"\1 {} \2", stranger)),
           into(r"ntp server vrf MGMT (\S+) .*", r"ntp server \1 key 1", r"ntp server vrf MGMT \1"),
           after(r"ntp source .*", with_random("ntp server {}", stranger))),
)  # fmt: skip
fault(
    "told and asked from another table",
    "nothing is sent, or its answers do not come back",
    "WV-7",
    into(r"(snmp-server trap-source|ntp source) Loopback0", r"\1 Vlan10", r"\1 Tunnel10", when=_has_vlan_10),
)
fault(
    "login servers",
    "somebody else says whose logins are right, or nobody hears the question",
    "WV-7",
    either(into(r"address ipv4 \S+", with_random("address ipv4 {}", stranger), under=r"tacacs server .*"),
           into(r"key 7 \S+", "key Another-Key", under=r"tacacs server .*"), gone(r"key .*", r"tacacs server .*"),
           gone(r"ip vrf forwarding MGMT", r"aaa group server .*")),
)  # fmt: skip
fault(
    "services that nobody ordered",
    "the router gives files, shells or itself to whoever asks",
    "WV-7",
    after(r"no ip http server", "tftp-server flash:image", "ip dns server", "ip finger",
          "service tcp-small-servers", "line aux 0\n modem InOut", "restconf", "netconf-yang"),
)  # fmt: skip
fault(
    "logins of no use",
    "the centre logs in, and may change nothing or is put out",
    "WV-7",
    either(into(r"username spokesman privilege 15 (.*)", r"username spokesman \1",
                r"username spokesman privilege 1 \1"),
           after(r"username spokesman .*", "username spokesman autocommand show version"),
           gone(r"aaa authorization exec .*"),
           inside(r"line vty 0 .*", "no exec", "autocommand exit", "exec-timeout 0 1")),
)  # fmt: skip
fault(
    "the router's data to a stranger",
    "its configuration, or what it sees of traffic, goes to somebody else",
    "WV-7",
    either(into(r"path flash:archive-", with_random("path ftp://{}/archive-", stranger), under="archive"),
           after(r"no ip http server", with_random("flow exporter OLD\n destination {}", stranger))),
)  # fmt: skip
fault("logins unproved", "whoever reaches the router is in", "WV-7",
      into(r"(aaa authentication login default) .*", r"\1 none", r"\1 local none"))  # fmt: skip


def _vpn_keys(router: Router) -> Iterator[str]:
    for _, match in router.config.find(r"pre-shared-key (.*)", r"crypto ikev2 keyring VPN"):
        yield match[1]
