"""How the routers of a router's VPNs prove who they are: by one shared key, or by certificates of one authority [WV-3].

A router asks its authority by SCEP. An authority in the management centre's networks is asked through the management
tunnel, which stands on a key of its own; any other one over the internet access, and only its answers are let in.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from device_templates.cisco_iosxe.rendering import context as c
from device_templates.errors import NotRenderable
from device_templates.rendering.facts import shared_key
from device_templates.rendering.words import SecretWords
from inventory import Inventory, SiteView
from inventory.settings import CertificateAuthority

_HTTP = 80
MANAGEMENT_VRF = "MGMT"
_MANAGEMENT_SOURCE = "Loopback0"


def ike(inventory: Inventory, view: SiteView, words: SecretWords) -> c.IkeContext:
    """The one method of a router's VPNs: tunnels on one interface share their IPsec profile, so also the method."""
    key, authority = shared_key(view, words)
    if key:
        return c.IkeContext(key, None)
    return c.IkeContext("", _certificates(inventory, view, authority))


def unusable_authorities(inventory: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """Why a router could not enrol with the authorities of its VPNs."""
    for name in sorted({vpn.ike.certificates for vpn in view.vpns.values() if vpn.ike.certificates}):
        authority = inventory.settings.pki.get(name)
        if authority is None or _host(authority) is None:
            yield NotRenderable(
                f"routers enrol at http://ADDRESS[:PORT][/PATH]: they resolve no names, and SCEP needs no https; "
                f"authority {name} has no such address",
                where=f"spokesman.toml: pki.{name}.enrollment_url",
                rule="WV-3",
                remedy="write the authority's IPv4 address",
            )


def _certificates(inventory: Inventory, view: SiteView, name: str) -> c.CertificatesContext:
    authority = inventory.settings.pki[name]
    host = _host(authority)
    if host is None:
        raise next(unusable_authorities(inventory, view))
    url = urlsplit(authority.enrollment_url)
    port = url.port or _HTTP
    managed = any(host in network for network in inventory.settings.management_centre.networks)
    return c.CertificatesContext(
        trustpoint=name.upper(),
        url=f"http://{host}:{port}{url.path.rstrip('/')}",
        address=str(host),
        port="www" if port == _HTTP else str(port),
        fingerprint=authority.fingerprint,
        vrf=MANAGEMENT_VRF if managed else "",
        source=_MANAGEMENT_SOURCE if managed else view.site.access.interface,
        subject=f"CN={view.router.name},OU={_unit(view)}",
        unit=_unit(view),
    )


def _unit(view: SiteView) -> str:
    """What the certificates of one customer have in common.

    Certificate maps look for a text anywhere in a name: keys of customers hold no dot, so none is part of another.
    """
    return f"{view.customer.customer}.vpn"


def _host(authority: CertificateAuthority) -> IPv4Address | None:
    """The authority's address, where the URL is one that routers can use."""
    try:
        url = urlsplit(authority.enrollment_url)
        usable = url.scheme == "http" and not url.username and (url.port is None or url.port > 0)
        return IPv4Address(url.hostname or "") if usable else None
    except (AddressValueError, ValueError):
        return None
