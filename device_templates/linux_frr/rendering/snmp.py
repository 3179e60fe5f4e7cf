"""The two SNMP agents of a router: the fleet's, and the customer's feed inside one VPN [WV-10, WV-13]."""

from __future__ import annotations

import hashlib

from device_templates.linux_frr.rendering import context as c
from device_templates.rendering.facts import feed_user, fleet_user, passphrases
from device_templates.rendering.words import SecretWords, stable_digest
from inventory import Inventory, SiteView

#: As net-snmp names them in createUser.
_AUTH = {"sha": "SHA", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
#: -C: a key that is too short is made longer as the other routers do.
_PRIV = {
    "aes128": "AES",
    "aes192": "AES-192-C",
    "aes256": "AES-256-C",
    "aes192-blumenthal": "AES-192",
    "aes256-blumenthal": "AES-256",
}


def engine(router: str, agent: str) -> str:
    """The engine ID of an agent: net-snmp's number, then octets that follow from the router's name [RFC 3411, 5]."""
    return f"0x80001f8805{hashlib.sha256(f'{router}/{agent}'.encode()).hexdigest()[:24]}"


def fleet_snmp(inventory: Inventory, view: SiteView, words: SecretWords) -> c.SnmpContext:
    """The user that polls the router."""
    user = fleet_user(inventory, view)
    auth, priv = passphrases(user, words)
    internal = stable_digest(view.router.name, "internal SNMP user", priv).hex()[:32]
    return c.SnmpContext(user.username, _AUTH[user.auth_protocol], _PRIV[user.priv_protocol], auth, priv, internal)


def feed(inventory: Inventory, view: SiteView, words: SecretWords) -> c.Feed | None:
    """The customer's feed, None where it is not ordered."""
    ordered, user = view.site.options.snmp_feed, feed_user(inventory, view)
    if ordered is None or user is None:
        return None
    auth, priv = passphrases(user, words)
    return c.Feed(
        user=user.username,
        auth_protocol=_AUTH[user.auth_protocol],
        priv_protocol=_PRIV[user.priv_protocol],
        engine=engine(view.router.name, f"feed/{ordered.vpn}"),
        addresses=tuple(str(lan.address.ip) for lan in view.site.lans.get(ordered.vpn, ())),
        hosts=tuple(map(str, ordered.hosts)),
        auth=auth,
        priv=priv,
    )
