"""Faults of IKEv2 and IPsec with pre-shared keys and what certificates share with them."""

from __future__ import annotations

from tests.mutation.drawing import after, either, gone, inside, into, number, with_random
from tests.mutation.mutant import Catalogue, Router

CRYPTO = Catalogue()
fault = CRYPTO.fault

PROPOSAL = r"crypto ikev2 proposal \S+"
PROFILE = r"crypto ikev2 profile VPN"
KEYRING = r"crypto ikev2 keyring VPN"
TRANSFORM = r"crypto ipsec transform-set VPN .*"
IPSEC = r"crypto ipsec profile VPN"


def by_key(router: Router) -> bool:
    """Whether its VPNs work with pre-shared keys."""
    return any(vpn.ike.psk for vpn in router.view.vpns.values())


fault(
    "IKE group that nobody else has",
    "the ends have no group in common",
    "WV-3",
    into(r"group \d+( \d+)*", "group 21", "group 16", "group 14", under=PROPOSAL),
)
fault(
    "weak IKE group",
    "group 2 or 5 is proposed, and may be taken",
    "WV-3",
    into(r"group (\d+( \d+)*)", r"group \1 5", r"group \1 2", "group 2", under=PROPOSAL),
)
fault(
    "IKE encryption changed",
    "the ends have no algorithm in common",
    "WV-3",
    either(into(r"encryption (\S+)", "encryption aes-gcm-128", under=PROPOSAL),
           into(r"encryption (\S+)", "encryption aes-cbc-256\n integrity sha512", under=PROPOSAL)),
)  # fmt: skip
fault(
    "IKE pseudo-random function changed",
    "the ends have none in common",
    "WV-3",
    into(r"prf \S+", "prf sha512", "prf sha256", under=PROPOSAL),
)
fault(
    "IKE proposal not used",
    "the platform's own proposal takes its place, which the others do not make",
    "WV-3 WV-6",
    either(gone(PROPOSAL), gone(r"crypto ikev2 policy \S+"), gone(r"proposal \S+", r"crypto ikev2 policy \S+")),
)
fault(
    "pre-shared key changed or missing",
    "the ends do not believe each other",
    "WV-3 WV-6",
    either(into(r"pre-shared-key (.*)", with_random("pre-shared-key Another-Key-{}", number(10, 99)), under=KEYRING),
           gone(r"pre-shared-key .*", KEYRING)),
)  # fmt: skip
fault(
    "keyring has no key for the peers",
    "its only entry is that of an address where no peer is",
    "WV-3",
    either(into(r"address 0\.0\.0\.0 0\.0\.0\.0", "address 203.0.113.99", "address 10.99.0.0 255.255.0.0",
                under=KEYRING),
           gone(r"peer \S+", KEYRING)),
)  # fmt: skip
fault(
    "IKE profile takes no peer",
    "it fits identities that no peer has, or none",
    "WV-3",
    either(into(r"match identity remote address 0\.0\.0\.0",
                "match identity remote address 203.0.113.99 255.255.255.255",
                "match identity remote fqdn nobody.invalid", under=PROFILE),
           gone(r"match identity remote address .*", PROFILE)),
)  # fmt: skip
fault(
    "IKE identity that nobody takes",
    "the others fit peers by address, and it calls itself by name",
    "WV-3",
    inside(PROFILE, "identity local fqdn somebody.invalid", "identity local email x@somebody.invalid", when=by_key),
)
fault(
    "IKE profile of another front door",
    "peers come in by the global table, and the profile waits for them in another",
    "WV-3 WV-7",
    inside(PROFILE, "match fvrf MGMT"),
)
fault(
    "IKE authentication changed or missing",
    "one end signs and the other expects a key, or nothing is said",
    "WV-3 WV-6",
    either(into(r"authentication (local|remote) pre-share", r"authentication \1 rsa-sig", under=PROFILE),
           into(r"authentication (local|remote) rsa-sig", r"authentication \1 pre-share", under=PROFILE),
           gone(r"authentication (local|remote) \S+", PROFILE)),
)  # fmt: skip
fault(
    "IKE keyring changed or missing",
    "the profile finds no key, or management's",
    "WV-3 WV-6 WV-7",
    either(into(r"keyring local VPN", "keyring local MANAGEMENT", "keyring local OTHER", under=PROFILE),
           gone(r"keyring local VPN", PROFILE), gone(KEYRING)),
)  # fmt: skip
fault(
    "IKE profile missing",
    "the IPsec profile uses one that is not there, or none",
    "WV-3 WV-6",
    either(gone(PROFILE), gone(r"set ikev2-profile \S+", IPSEC),
           into(r"set ikev2-profile VPN", "set ikev2-profile OTHER", "set ikev2-profile MANAGEMENT", under=IPSEC)),
)  # fmt: skip
fault(
    "transform set changed",
    "the ends have no transform in common",
    "WV-3",
    into(r"(crypto ipsec transform-set VPN) esp-gcm 256", r"\1 esp-gcm 128", r"\1 esp-gmac 256",
         r"\1 esp-aes 256 esp-sha256-hmac", r"\1 esp-aes 256 esp-sha512-hmac"),
)  # fmt: skip
fault(
    "weak transform set",
    "DES, 3DES, MD5 and SHA-1 are broken or nearly so",
    "WV-3",
    into(r"(crypto ipsec transform-set \S+) esp-gcm 256", r"\1 esp-3des esp-sha-hmac", r"\1 esp-des esp-md5-hmac",
         r"\1 esp-aes 256 esp-sha-hmac", r"\1 esp-null esp-sha256-hmac"),
)  # fmt: skip
fault(
    "transform mode changed or missing",
    "the others are in transport mode; tunnel mode, the default, adds a header and breaks behind NAT",
    "WV-3",
    either(into(r"mode transport", "mode tunnel", under=TRANSFORM), gone(r"mode transport", TRANSFORM)),
)
fault(
    "transform set missing",
    "the profile uses one that is not there, or the platform's own",
    "WV-3 WV-6",
    either(gone(TRANSFORM), gone(r"set transform-set \S+", IPSEC),
           into(r"set transform-set VPN", "set transform-set OTHER", under=IPSEC)),
)  # fmt: skip
fault(
    "perfect forward secrecy changed or missing",
    "an end refuses a peer that proposes another group, or none",
    "WV-3",
    either(into(r"set pfs group20", "set pfs group19", "set pfs group21", "set pfs group2", under=IPSEC),
           gone(r"set pfs \S+", IPSEC)),
)  # fmt: skip
fault(
    "IPsec profile missing",
    "tunnels are protected by one that is not there",
    "WV-3 WV-6",
    gone(IPSEC),
)

TRUSTPOINT = r"crypto pki trustpoint \S+"
fault(
    "trustpoint changed or missing",
    "the router has no certificate to prove itself with",
    "WV-3 WV-6",
    either(gone(TRUSTPOINT), gone(r"pki trustpoint \S+", PROFILE),
           into(r"pki trustpoint \S+", "pki trustpoint OTHER", under=PROFILE)),
)  # fmt: skip
fault(
    "trustpoint cannot enrol",
    "no authority answers at another address, or in another table; unrenewed, a certificate ends",
    "WV-3 WV-6",
    either(gone(r"enrollment url .*", TRUSTPOINT), gone(r"auto-enroll .*", TRUSTPOINT),
           into(r"enrollment url .*", "enrollment url http://203.0.113.99:80", under=TRUSTPOINT),
           gone(r"vrf \S+", TRUSTPOINT), into(r"vrf \S+", "vrf OTHER", under=TRUSTPOINT)),
)  # fmt: skip
fault(
    "another authority",
    "its fingerprint is not that of the authority which the others believe",
    "WV-3",
    either(into(r"fingerprint \S{8}(\S+)", r"fingerprint 55667788\1", under=TRUSTPOINT),
           gone(r"fingerprint \S+", TRUSTPOINT)),
)  # fmt: skip
fault(
    "revocation unchecked",
    "a stolen router's certificate stays good",
    "WV-3",
    either(into(r"revocation-check .*", "revocation-check none", under=TRUSTPOINT),
           gone(r"revocation-check .*", TRUSTPOINT)),
)  # fmt: skip
fault(
    "certificate's name changed or missing",
    "it does not fit the maps of the others",
    "WV-3",
    either(into(r"subject-name CN=(\S+?),OU=(\S+)", r"subject-name CN=\1,OU=elsewhere.vpn", r"subject-name CN=\1",
                under=TRUSTPOINT),
           gone(r"subject-name .*", TRUSTPOINT)),
)  # fmt: skip
MAP = r"crypto pki certificate map \S+ \d+"
fault(
    "certificate map that no peer fits",
    "the others' certificates are refused",
    "WV-3",
    into(r"subject-name co ou = (\S+)", "subject-name co ou = elsewhere.vpn", r"subject-name nc ou = \1",
         r"subject-name eq ou = \1", under=MAP),
)  # fmt: skip
fault(
    "certificate map missing",
    "the profile uses a map that is not there, or none",
    "WV-3 WV-6",
    either(gone(MAP), gone(r"match certificate \S+", PROFILE),
           into(r"match certificate \S+", "match certificate OTHER", under=PROFILE)),
)  # fmt: skip
fault(
    "any certificate is taken",
    "whoever says a name is let in beside those that the map fits",
    "WV-3 WV-6",
    after(r"match certificate \S+", "match identity remote any", under=PROFILE),
)
fault(
    "certificate map that anybody fits",
    "routers of other customers have certificates of the same authority",
    "WV-6",
    into(r"subject-name co ou = (\S+)", "subject-name co cn", "subject-name co .vpn", "issuer-name co cn",
         "subject-name nc ou = elsewhere.vpn", under=MAP),
)  # fmt: skip
fault(
    "weak certificate",
    "short keys are broken, and so are MD5 and SHA-1, which platforms take by themselves",
    "WV-3",
    either(into(r"rsakeypair (\S+) \d+", r"rsakeypair \1 1024", r"rsakeypair \1 512", under=TRUSTPOINT),
           into(r"hash \S+", "hash md5", "hash sha1", under=TRUSTPOINT), gone(r"hash \S+", TRUSTPOINT)),
)  # fmt: skip
fault(
    "revocation must be answered",
    "while the authority is away, no peer is taken",
    "WV-3",
    into(r"revocation-check crl none", "revocation-check crl", "revocation-check ocsp crl", under=TRUSTPOINT),
)
fault(
    "dead peers unnoticed",
    "after a hub's restart spokes send to it what it cannot read, until their keys end",
    "WV-3 WV-7",
    either(gone(r"dpd .*", r"crypto ikev2 profile \S+"),
           into(r"dpd \d+ (.*)", r"dpd 3600 \1", under=r"crypto ikev2 profile \S+")),
)  # fmt: skip
fault(
    "IKE policy of another place",
    "it is for another table or address, so the tunnel has nothing to propose",
    "WV-3",
    inside(r"crypto ikev2 policy \S+", "match fvrf MGMT", "match address local 203.0.113.77"),
)
fault(
    "another IKE profile takes the peers",
    "which of two profiles that fit leads a peer is left to chance",
    "WV-7 WV-6",
    into(r"match identity remote fqdn .*", "match identity remote address 0.0.0.0", "match identity remote any",
         under=r"crypto ikev2 profile MANAGEMENT", when=by_key),
)  # fmt: skip
fault(
    "IKE profile shut down",
    "no tunnel comes up by it",
    "WV-3 WV-7",
    inside(r"crypto ikev2 profile \S+", "shutdown"),
)
fault(
    "router waits to be called",
    "hubs and the centre do not know where it is before it has called",
    "WV-3 WV-7",
    either(inside(r"crypto ipsec profile MANAGEMENT", "responder-only"),
           inside(IPSEC, "responder-only", when=lambda router: not router.hub_of)),
)  # fmt: skip
fault(
    "too few associations",
    "the router refuses its peers",
    "WV-3",
    after(r"crypto ikev2 diagnose error \d+", "crypto ikev2 limit max-sa 1", "crypto call admission limit ike sa 1"),
)
fault(
    "keys that do not last",
    "hubs do nothing else than make new ones",
    "WV-3 WV-7",
    either(inside(IPSEC, "set security-association lifetime seconds 120"), inside(PROFILE, "lifetime 120"),
           after(r"crypto ikev2 diagnose error \d+", "crypto ipsec security-association lifetime seconds 120")),
)  # fmt: skip
fault(
    "crypto map on the access",
    "it takes packets before the tunnels do, to somebody whom nobody ordered",
    "WV-3 WV-6 WV-7 WV-11",
    lambda router, _: (
        router.config.inside(line, "crypto map OLD")
        for line, match in router.config.find(r"interface (\S+)")
        if match[1] == router.view.site.access.interface
    ),
)
