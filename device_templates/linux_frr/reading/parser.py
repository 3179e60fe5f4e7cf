"""From a document to the neutral model."""

from __future__ import annotations

from device_templates.linux_frr.reading.document import parse
from device_templates.linux_frr.reading.filters.classes import classings, policies
from device_templates.linux_frr.reading.filters.zones import nat_rules, zone_pairs, zones
from device_templates.linux_frr.reading.parts.access import access_lists, snmp_groups, snmp_users, users
from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.parts.ike import crypto
from device_templates.linux_frr.reading.parts.links import interfaces, vrfs
from device_templates.linux_frr.reading.parts.references import definitions, uses
from device_templates.linux_frr.reading.parts.routing import bgp, prefix_lists, routes
from device_templates.linux_frr.reading.parts.services import (
    communities,
    log_hosts,
    snmp_receivers,
    snmp_views,
    terminals,
)
from device_templates.linux_frr.reading.parts.standbys import probes, tracks
from device_templates.linux_frr.reading.parts.unread import unread
from device_templates.model import RouterModel
from device_templates.texts import Mark, fingerprint


def read_model(text: str, mark: Mark = fingerprint) -> RouterModel:
    """The neutral model of a configuration; secrets become what ``mark`` makes of them. Raises NotParsable."""
    files = Files.of(parse(text), mark)
    links = interfaces(files)
    lines, strange = unread(files)
    pairs = zone_pairs(files, links)
    logs = any(rule.log and rule.action == "drop" for pair in pairs for rule in pair.rules)
    return RouterModel(
        hostname=files.network.hostname,
        interfaces=links,
        vrfs=vrfs(files),
        crypto=crypto(files),
        bgp=bgp(files),
        routes=routes(files),
        snmp_groups=snmp_groups(files),
        snmp_users=snmp_users(files),
        access_lists=access_lists(files),
        users=users(files),
        defined=definitions(files),
        used=uses(files),
        zones=zones(links),
        zone_pairs=pairs,
        nat_rules=nat_rules(files, links),
        logs_drops=logs,
        prefix_lists=prefix_lists(files),
        probes=probes(files),
        tracks=tracks(files),
        communities=communities(files),
        snmp_views=snmp_views(files),
        snmp_receivers=snmp_receivers(files),
        log_hosts=log_hosts(files, logs=logs),
        terminals=terminals(files),
        policies=policies(files),
        classings=classings(files, links),
        namespaces=True,
        lines=lines,
        unread=strange,
    )
