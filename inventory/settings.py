"""spokesman.toml: the management centre, platforms, credentials and schedules."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import (
    Address,
    CredentialName,
    Flag,
    Form,
    InterfaceName,
    Line,
    Model,
    ModelName,
    Name,
    Network,
    Port,
    Positive,
    SecretRef,
    Whole,
)
from inventory.platforms import PlatformName
from inventory.webhooks import Webhooks


class ManagementCentre(Model):
    """What every router needs to know of the management centre.

    ``peer`` is the internet address that ends the management tunnels [WV-7], ``network`` what the tunnels lead to,
    ``tunnel_peer`` the centre's own address inside them.
    """

    name: Line
    """What it is called in messages."""
    peer: Address
    """The internet address that ends the management tunnels."""
    identity: Annotated[
        str,
        Form(
            r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,119}$",
            "an IKEv2 identity: letters, digits, dots, hyphens, _ and @, a letter or digit first, at most 120",
        ),
    ]
    """The centre's IKEv2 identity."""
    tunnel_peer: Address
    """The centre's own address inside the tunnels."""
    networks: Annotated[tuple[Network, ...], Field(min_length=1)]
    """What the tunnels lead to."""
    ike_psk: SecretRef
    """The key of the management tunnels."""
    ntp: Annotated[tuple[Address, ...], Field(min_length=1)]
    ntp_key: SecretRef
    """Authenticates the time."""
    syslog: Annotated[tuple[Address, ...], Field(min_length=1)]
    snmp_managers: Annotated[tuple[Address, ...], Field(min_length=1)]
    tacacs: tuple[Address, ...] = ()
    tacacs_key: SecretRef | None = None
    domain: Annotated[
        str,
        Form(
            r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$",
            "a domain name: letters, digits, dots, hyphens and _, a letter or digit first, at most 120",
        ),
    ] = "managed.invalid"
    """The routers' domain name."""
    contact: Line
    """Whom a customer or engineer calls; routers show it."""
    banner: tuple[Line, ...] = ("Authorised access only. Access is logged.",)
    """Shown before login; it names no platform."""


class SshCredentials(Model):
    """A login for devices; it lands at privilege 15, because SCP needs that."""

    kind: Literal["ssh"] = "ssh"
    username: Annotated[str, Form(r"^[a-z][a-z0-9_-]{0,30}$", "a login: lower-case letters, digits, _ and -")]
    password: SecretRef


class SnmpV3Credentials(Model):
    """An SNMPv3 user with authentication and privacy."""

    kind: Literal["snmp-v3"]
    username: Annotated[
        str,
        Form(r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$", "an SNMPv3 user: letters, digits, _ and -, no - first, at most 32"),
    ]
    auth_protocol: Literal["sha", "sha256"] = "sha256"
    auth: SecretRef
    priv_protocol: Literal["aes128"] = "aes128"
    priv: SecretRef


class SnmpV2cCredentials(Model):
    """An SNMP v2c community, for devices that have nothing better."""

    kind: Literal["snmp-v2c"]
    community: SecretRef


class WinrmCredentials(Model):
    """A login for WinRM on a Lync server."""

    kind: Literal["winrm"]
    username: Line
    password: SecretRef


Credentials = Annotated[
    SshCredentials | SnmpV3Credentials | SnmpV2cCredentials | WinrmCredentials, Field(discriminator="kind")
]


class RouterModel(Model):
    """What a router model has and carries: throughput of encrypted traffic in kb/s, tunnels it holds [WV-3]."""

    interfaces: tuple[InterfaceName, ...]
    """Routed ports; one of them faces the internet."""
    switch_ports: tuple[InterfaceName, ...] = ()
    """Ports for customer LANs."""
    encrypted_kbps: Positive
    """Encrypted throughput, both directions together, kb/s."""
    tunnels: Positive
    """How many tunnels it holds."""


class Platform(Model):
    """A platform's facts that a workspace may set."""

    boot_level: Line = "network-advantage addon dna-advantage"
    revert_minutes: Annotated[Whole, Field(ge=1, le=120)] = 5
    """How long a change waits for its confirmation before it reverts."""
    models: dict[ModelName, RouterModel] = Field(default_factory=dict)
    """What the models of routers have and carry, by product number."""


class Schedules(Model):
    """The daemon's times, in seconds unless the name says otherwise; at most 300 s between polls [WV-10]."""

    poll_period_s: Annotated[Whole, Field(ge=2, le=240)] = 240
    poll_timeout_s: Annotated[float, Field(gt=0, le=10)] = 2.0
    poll_retries: Annotated[Whole, Field(ge=0, le=5)] = 2
    confirm_down_after: Annotated[Whole, Field(ge=2, le=3)] = 2
    confirm_told_s: Annotated[float, Field(ge=0.2, le=15)] = 0.5
    """Between the two polls that confirm what a router told itself; what comes back sooner raises no alarm."""
    reload_period_s: Annotated[Whole, Field(ge=2, le=3600)] = 60


class Thresholds(Model):
    """From when on a router that answers counts as impaired; an alarm needs more than one poll in any case."""

    loss_percent: Annotated[Whole, Field(ge=1, le=90)] = 5
    """Requests of the last polls that went unanswered, in percent."""
    slow_floor_ms: Annotated[Whole, Field(ge=20, le=10000)] = 300
    """Round trips below this are never slow."""
    slow_factor: Annotated[float, Field(ge=1.5, le=20)] = 3.0
    """How many times the router's own usual round trip is slow."""
    cpu_percent: Annotated[Whole, Field(ge=30, le=100)] = 90
    """Load of the processor over one and over five minutes."""
    session_check_s: Annotated[Whole, Field(ge=2, le=86400)] = 600
    """How often at most it is tried whether SSH greets, beside a poll."""


class Nat(Model):
    """1:1 translation between managed addresses and where this machine reaches them; equal prefix lengths.

    ``ports`` maps a device's port to the one that answers, as text keys because TOML has no others.
    """

    managed: Network
    reached: Network
    ports: dict[Annotated[str, Form(r"^[1-9]\d{0,4}$", 'a port as text, such as "22"')], Port] = Field(
        default_factory=dict
    )


class Reach(Model):
    """How this machine reaches devices: translations, and the command that pings (``{address}`` is put in)."""

    nat: tuple[Nat, ...] = ()
    ping: tuple[str, ...] = ("ping", "-n", "-c", "5", "-i", "0.2", "-W", "2", "{address}")


class Store(Model):
    """Where history is kept, and where the archive's master key is read from."""

    url: str | None = None
    """A database URL; SQLite under var/ where absent."""
    master_key: SecretRef
    """Seals the archive; kept outside of var/."""


class Access(Model):
    """Who of this machine's users may do what is guarded: see secrets in archived configurations."""

    show_secrets: tuple[str, ...] = ()
    """Login names that may see secrets of archived configurations."""


class Daemon(Model):
    """Where the daemon serves /metrics."""

    listen: str = "127.0.0.1"
    port: Annotated[Whole, Field(ge=0, le=65535)] = 9464


class Traps(Model):
    """Where the daemon receives SNMP traps of the managed routers."""

    listen: Address | None = None
    """An address of this machine, 0.0.0.0 for all; absent: no traps are received."""
    port: Annotated[Whole, Field(ge=0, le=65535)] = 162


class Syslog(Model):
    """Where the daemon receives the syslog of the managed routers."""

    listen: Address | None = None
    """An address of this machine, 0.0.0.0 for all; absent: no syslog is received."""
    port: Annotated[Whole, Field(ge=0, le=65535)] = 514


class CertificateAuthority(Model):
    """Where routers enrol for certificates, and the SHA-1 or SHA-256 fingerprint of the authority's own."""

    enrollment_url: Annotated[str, Form(r"^https?://[^\s?]+$", "a URL: one that starts with http:// or https://")]
    fingerprint: Annotated[
        str, Form(r"^[0-9A-F]{40}([0-9A-F]{24})?$", "a fingerprint: 40 or 64 capital hexadecimal digits")
    ]


class LyncSettings(Model):
    """How Lync servers are spoken to and watched."""

    ca_file: Line | None = None
    """Authorities that servers' certificates are checked against, PEM, in the workspace; the system's where absent."""
    authentication: Literal["negotiate", "ntlm", "basic"] = "negotiate"
    """How WinRM is logged in to, always over HTTPS; negotiate is Kerberos where it can be had, or NTLM."""
    certificate_warn_days: Annotated[Whole, Field(ge=1, le=365)] = 30
    """A certificate that ends sooner raises an alarm."""
    certificate_urgent_days: Annotated[Whole, Field(ge=0, le=365)] = 14
    """A certificate that ends sooner opens an incident where proactive support is ordered [LY-9]."""
    storage_full_percent: Annotated[Whole, Field(ge=50, le=100)] = 90
    """A volume this full raises an alarm; it clears 5 below."""
    cpu_percent: Annotated[Whole, Field(ge=20, le=100)] = 95
    """A load this high, poll after poll, raises an alarm; it clears 10 below."""
    time_offset_s: Annotated[float, Field(ge=0.5, le=300)] = 5.0
    """A clock that is surely further off raises an alarm."""


class RequestSettings(Model):
    """Simple service requests: which kinds wait for a person, and when they are applied [WV-22]."""

    approval: dict[Annotated[str, Form(r"^[a-z][a-z0-9_]{0,40}$", "a kind of request")], Flag] = Field(
        default_factory=dict
    )
    """By kind, in place of what the catalogue says."""
    window: Line | None = None
    """The provider's hours for changes, in the customer's time zone, such as Mon-Fri 08:00-18:00; absent: any time."""
    commit: Flag = True
    """Whether the file of requests is committed where the workspace is a git repository."""


class Rate(Model):
    """A token bucket: so many requests a second on the long run, and so many at once."""

    per_second: Annotated[float, Field(gt=0, le=10_000)]
    burst: Annotated[Whole, Field(ge=1, le=10_000)]


class Api(Model):
    """Where the HTTP API listens, and its limits."""

    listen: Annotated[
        str, Form(r"^(\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*)$", "an IP address: 127.0.0.1, 0.0.0.0 or ::1")
    ] = "127.0.0.1"
    port: Annotated[Whole, Field(ge=0, le=65535)] = 8443
    certificate: Line | None = None
    """A file with the server's certificate and its chain (PEM), relative to the workspace; with ``key``, TLS is on."""
    key: Line | None = None
    """The file with the certificate's private key (PEM), readable by its owner only."""
    plain_http: Flag = False
    """Listen on other addresses than this machine's own without TLS: only behind a proxy that adds it."""
    max_body_bytes: Annotated[Whole, Field(ge=1_024, le=1_048_576)] = 65_536
    max_header_bytes: Annotated[Whole, Field(ge=2_048, le=65_536)] = 16_384
    max_json_depth: Annotated[Whole, Field(ge=4, le=64)] = 16
    concurrency: Annotated[Whole, Field(ge=1, le=10)] = 8
    """Requests that are worked on at a time; those beyond wait for their turn, or are answered 503."""
    connections: Annotated[Whole, Field(ge=8, le=4_096)] = 256
    """Connections that are open at a time."""
    receive_timeout_s: Annotated[float, Field(ge=0.2, le=60)] = 10.0
    """How long a client may take to send a request."""
    request_timeout_s: Annotated[float, Field(ge=0.2, le=600)] = 120.0
    """How long a request may be worked on before it is answered 504; what it began goes on."""
    token_rate: Rate = Rate(per_second=10, burst=60)
    """For each token."""
    address_rate: Rate = Rate(per_second=50, burst=200)
    """For each client address, whatever its tokens."""
    failure_rate: Rate = Rate(per_second=0.2, burst=20)
    """For each client address, requests without a valid token."""


class Settings(Model):
    """spokesman.toml as a whole."""

    management_centre: ManagementCentre
    credentials: Annotated[dict[CredentialName, Credentials], Field(min_length=1)]
    secrets: dict[Name, SecretRef] = Field(default_factory=dict)
    pki: dict[Name, CertificateAuthority] = Field(default_factory=dict)
    platforms: dict[PlatformName, Platform] = Field(default_factory=dict)
    schedules: Schedules = Schedules()
    thresholds: Thresholds = Thresholds()
    reach: Reach = Reach()
    store: Store
    access: Access = Access()
    daemon: Daemon = Daemon()
    traps: Traps = Traps()
    syslog: Syslog = Syslog()
    api: Api = Api()
    webhooks: Webhooks = Field(default_factory=dict)
    lync: LyncSettings = LyncSettings()
    requests: RequestSettings = RequestSettings()


#: Relative to the workspace.
SETTINGS_FILE = PurePosixPath("spokesman.toml")
