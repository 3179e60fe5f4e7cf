"""What customers ask for as a request and is none: it changes recurring charges and needs an order [WV-22]."""

from __future__ import annotations

from pydantic import ConfigDict

from agent.requests.kind import Kind, Parameters


class Whatever(Parameters):
    """Whatever is asked for: it needs an order."""

    model_config = ConfigDict(extra="allow")


def _ordered(name: str, title: str, order: str, *clauses: str) -> Kind:
    return Kind(name=name, title=title, parameters=Whatever, order=order, clauses=("WV-22", *clauses))


KINDS = (
    _ordered("add_vpn", "Join or add a further VPN", "further VPN", "WV-6"),
    _ordered("add_internet_breakout", "Internet on the customer LAN port", "split tunnelling (IBO)", "WV-11"),
    _ordered("add_ilan", "A further port with internet only", "split tunnelling (iLAN)", "WV-11"),
    _ordered("add_traffic_prioritisation", "Prioritise traffic", "enhanced service management", "WV-5", "WV-9"),
    _ordered("add_proactive_monitoring", "Monitor proactively", "enhanced service management", "WV-5", "WV-10"),
    _ordered("add_snmp_feed", "An SNMP management feed", "SNMP management feed", "WV-13"),
    _ordered("add_firewall_logging", "Send firewall logs to the customer", "firewall logging", "WV-14"),
    _ordered("change_access_bandwidth", "Another speed of the internet access", "access reconfiguration", "WV-24"),
    _ordered("change_router", "Another router", "managed router", "WV-24"),
    _ordered("move_site", "Another address of the site", "site move", "WV-24"),
)
