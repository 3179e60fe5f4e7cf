"""The neutral model of a router's configuration: what verification and plans reason about, whatever the platform.

It holds no secret: passwords and keys are fingerprints, equal where the secrets are equal. Elements that come from a
line know where it stands, which makes no difference between two models.
"""

from device_templates.model.crypto import (
    NO_CRYPTO,
    CertificateMap,
    Crypto,
    IkeKey,
    IkeProfile,
    IkeProposal,
    IpsecProfile,
    Transform,
    Trustpoint,
)
from device_templates.model.firewall import SELF, Action, FilterRule, NatRule, NatStatic, Zone, ZonePair
from device_templates.model.interfaces import Interface, NhrpServer, Standby, StandbyTrack, Tunnel, Vrf
from device_templates.model.place import NOWHERE, At
from device_templates.model.quality import Policy, PolicyClass
from device_templates.model.router import Reference, RouterModel, Unread
from device_templates.model.routing import (
    Bgp,
    BgpNeighbor,
    BgpVrf,
    PolicyHop,
    Probe,
    RouteMap,
    RouteMapClause,
    StaticRoute,
    Track,
)
from device_templates.model.services import (
    LeasePool,
    LogHost,
    SnmpCommunity,
    SnmpGroup,
    SnmpReceiver,
    SnmpView,
    Terminal,
)
from device_templates.model.traffic import (
    EVERYTHING,
    NOTHING,
    AccessList,
    Applied,
    Match,
    Ports,
    PrefixEntry,
    PrefixList,
    Rule,
    Rules,
    Selection,
)

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "NOWHERE",
    "NO_CRYPTO",
    "SELF",
    "AccessList",
    "Action",
    "Applied",
    "At",
    "Bgp",
    "BgpNeighbor",
    "BgpVrf",
    "CertificateMap",
    "Crypto",
    "FilterRule",
    "IkeKey",
    "IkeProfile",
    "IkeProposal",
    "Interface",
    "IpsecProfile",
    "LeasePool",
    "LogHost",
    "Match",
    "NatRule",
    "NatStatic",
    "NhrpServer",
    "Policy",
    "PolicyClass",
    "PolicyHop",
    "Ports",
    "PrefixEntry",
    "PrefixList",
    "Probe",
    "Reference",
    "RouteMap",
    "RouteMapClause",
    "RouterModel",
    "Rule",
    "Rules",
    "Selection",
    "SnmpCommunity",
    "SnmpGroup",
    "SnmpReceiver",
    "SnmpView",
    "Standby",
    "StandbyTrack",
    "StaticRoute",
    "Terminal",
    "Track",
    "Transform",
    "Trustpoint",
    "Tunnel",
    "Unread",
    "Vrf",
    "Zone",
    "ZonePair",
]
