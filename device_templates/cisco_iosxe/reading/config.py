"""A whole configuration while it is read: what its top-level lines have given so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_templates.cisco_iosxe.reading.grammar import Draft, Reader
from device_templates.cisco_iosxe.reading.parts import services
from device_templates.cisco_iosxe.reading.parts.asked import Clock
from device_templates.cisco_iosxe.reading.parts.logs import Logs
from device_templates.cisco_iosxe.reading.traffic.classes import ClassMap, Lists
from device_templates.cisco_iosxe.reading.traffic.firewall import InspectPolicy
from device_templates.cisco_iosxe.reading.traffic.lists import Groups, ListDraft
from device_templates.cisco_iosxe.reading.traffic.nat import Source, Static
from device_templates.cisco_iosxe.reading.traffic.policies import PolicyMap
from device_templates.cisco_iosxe.reading.traffic.route_maps import Clause
from device_templates.model import (
    AccessList,
    Bgp,
    CertificateMap,
    Export,
    IkeKey,
    IkePolicy,
    IkeProfile,
    IkeProposal,
    IpsecProfile,
    LeasePool,
    Listener,
    Origin,
    PrefixEntry,
    SnmpCommunity,
    SnmpGroup,
    SnmpReceiver,
    StaticRoute,
    Track,
    Transform,
    Trustpoint,
    Vrf,
    Zone,
)


@dataclass(slots=True)
class Config:
    """Everything in the order in which it was read; what may refer to later lines is put together at the end."""

    reader: Reader
    hostname: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    interfaces: dict[str, Draft] = field(default_factory=dict)
    vrfs: dict[str, Vrf] = field(default_factory=dict)
    proposals: list[IkeProposal] = field(default_factory=list)
    ike_policies: list[IkePolicy] = field(default_factory=list)
    keys: list[IkeKey] = field(default_factory=list)
    profiles: list[IkeProfile] = field(default_factory=list)
    transforms: list[Transform] = field(default_factory=list)
    ipsec_profiles: list[IpsecProfile] = field(default_factory=list)
    trustpoints: list[Trustpoint] = field(default_factory=list)
    certificate_maps: list[CertificateMap] = field(default_factory=list)
    crypto: dict[str, tuple[int, int]] = field(default_factory=dict)
    bgp: Bgp | None = None
    routes: list[StaticRoute] = field(default_factory=list)
    prefix_lists: dict[str, dict[int, PrefixEntry]] = field(default_factory=dict)
    probes: dict[int, Draft] = field(default_factory=dict)
    schedules: dict[int, tuple[bool, int]] = field(default_factory=dict)
    tracks: dict[int, Track] = field(default_factory=dict)
    groups: Groups = field(default_factory=Groups)
    lists: dict[str, ListDraft] = field(default_factory=dict)
    class_maps: dict[tuple[str, str], ClassMap] = field(default_factory=dict)
    policy_maps: dict[str, PolicyMap] = field(default_factory=dict)
    inspect_policies: dict[str, InspectPolicy] = field(default_factory=dict)
    zones: list[Zone] = field(default_factory=list)
    pairs: list[Draft] = field(default_factory=list)
    logs_drops: bool = False
    ports: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    route_maps: dict[str, dict[int, Clause]] = field(default_factory=dict)
    local_policy: str = ""
    control_policy: str = ""
    sources: list[Source] = field(default_factory=list)
    statics: list[Static] = field(default_factory=list)
    users: dict[str, Draft] = field(default_factory=dict)
    snmp_groups: list[SnmpGroup] = field(default_factory=list)
    communities: list[SnmpCommunity] = field(default_factory=list)
    views: dict[str, Draft] = field(default_factory=dict)
    receivers: list[SnmpReceiver] = field(default_factory=list)
    logs: Logs = field(default_factory=Logs)
    terminals: list[Draft] = field(default_factory=list)
    web: dict[str, int] = field(default_factory=dict)
    web_access: str = ""
    logins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    login_lines: dict[str, int] = field(default_factory=dict)
    rights: dict[str, tuple[str, ...]] = field(default_factory=dict)
    consoles: list[Draft] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    aaa: bool = False
    ssh: str = ""
    ssh_line: int = 0
    all_enable: bool = False
    leases_on: bool = True
    notifies: bool = False
    listeners: list[Listener] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    login_groups: dict[str, Draft] = field(default_factory=dict)
    login_servers: dict[str, Draft] = field(default_factory=dict)
    audited: set[str] = field(default_factory=set)
    leases: list[LeasePool] = field(default_factory=list)
    excluded: list[services.Excluded] = field(default_factory=list)

    def names(self) -> Lists:
        """What class maps, policies and route maps may name."""
        lists: dict[str, AccessList] = {name: draft.finished() for name, draft in self.lists.items()}
        return Lists(lists, self.class_maps, {name: tuple(pairs) for name, pairs in self.ports.items()})
