"""What tunnels are protected by: IKEv2, IPsec and certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from device_templates.model.place import NOWHERE, At


@dataclass(frozen=True, slots=True)
class IkeProposal:
    """A proposal; algorithms have one name on all platforms, ``aes-gcm-256`` and ``sha384``, groups a number.

    ``version`` is that of IKE. One of version 1 is used without a policy; ``method`` is how it wants peers to prove
    themselves, which version 2 leaves to the profile.
    """

    name: str
    encryption: tuple[str, ...]
    integrity: tuple[str, ...]
    prf: tuple[str, ...]
    groups: tuple[str, ...]
    version: int = 2
    method: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IkePolicy:
    """Which proposals an end makes: ``front_vrf`` is the table of its tunnels' outer packets, None for any.

    ``addresses`` are those of the router that it is for, none for all.
    """

    name: str
    proposals: tuple[str, ...]
    front_vrf: str | None = None
    addresses: tuple[IPv4Address, ...] = ()
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IkeKey:
    """One peer of a keyring and the fingerprint of its key; ``peer`` is its network, None for a name.

    ``side``: the key of the router itself, that of the peer, or one for both.
    """

    keyring: str
    peer: IPv4Network | None
    fingerprint: str
    side: Literal["both", "local", "remote"] = "both"
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IkeProfile:
    """An IKE profile; ``identity`` and ``remote`` as written, ``maps`` the certificate maps that peers must fit.

    ``methods`` are ``pre-share``, ``rsa-sig`` and ``ecdsa-sig``; ``own`` those by which the router proves itself,
    ``theirs`` those that it takes from peers. ``front_vrf`` is the table of the peers, None for any. ``proposals`` are
    the names of those that it uses, None where policies say it for all. A peer that has been silent for ``dpd_s``
    seconds is asked whether it lives, None for never; ``lifetime_s`` is that of the IKE association in seconds, None
    for the platform's own. ``peers``: those whose internet address it knows, and what each has to call itself.
    ``single``: of the associations with peers of one identity it keeps one.
    """

    name: str
    identity: str
    remote: tuple[str, ...]
    methods: frozenset[str]
    keyring: str
    trustpoint: str
    maps: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()
    front_vrf: str | None = ""
    version: int = 2
    proposals: tuple[str, ...] | None = None
    dpd_s: int | None = None
    lifetime_s: int | None = None
    shutdown: bool = False
    peers: tuple[tuple[IPv4Address, str], ...] = ()
    single: bool = False
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Trustpoint:
    """An authority as a router knows it, and the name that the router has in its certificate.

    ``checks`` are the ways to find out whether a certificate was revoked, in order; ``vrf`` is the table in which the
    authority is looked for. ``key_bits`` is the length of the router's RSA key, ``digest`` the hash that its request is
    signed with; None and "" where the platform decides.
    """

    name: str
    url: str
    fingerprint: str
    subject: str
    checks: tuple[str, ...]
    automatic: bool
    vrf: str = ""
    key_bits: int | None = None
    digest: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CertificateMap:
    """Which certificates fit: ``(field, operator, value)``, all of them, in small letters without needless blanks."""

    name: str
    conditions: tuple[tuple[str, str, str], ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Transform:
    """An IPsec transform set; ``algorithms`` as ``esp-gcm 256``, ``mode`` is ``tunnel`` or ``transport``."""

    name: str
    algorithms: str
    mode: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IpsecProfile:
    """An IPsec profile: the names of what it uses, and its perfect forward secrecy group, as ``group20``.

    ``lifetime_s`` is that of an association in seconds, None for the platform's own; ``responder_only``: the router
    waits for its peers to begin. ``replay_window`` is how many packets may overtake one that is still taken, 0 where
    none is refused, None where the platform decides. ``lifetime_kb`` is what an association carries, in kilobytes.
    """

    name: str
    transforms: tuple[str, ...]
    ike_profile: str
    pfs: str
    lifetime_s: int | None = None
    responder_only: bool = False
    replay_window: int | None = None
    lifetime_kb: int | None = None
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Crypto:
    """Everything that tunnels are protected by; ``limit`` is how many IKE associations there may be, None for any.

    ``traverses_nat``: where addresses are translated, its packets are in UDP [RFC 3948].
    """

    proposals: tuple[IkeProposal, ...] = ()
    policies: tuple[IkePolicy, ...] = ()
    keys: tuple[IkeKey, ...] = ()
    profiles: tuple[IkeProfile, ...] = ()
    transforms: tuple[Transform, ...] = ()
    ipsec_profiles: tuple[IpsecProfile, ...] = ()
    trustpoints: tuple[Trustpoint, ...] = ()
    maps: tuple[CertificateMap, ...] = ()
    limit: int | None = None
    traverses_nat: bool = True
    at: At = field(default=NOWHERE, compare=False, repr=False)


NO_CRYPTO = Crypto()
