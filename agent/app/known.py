"""Every secret that a workspace refers to: what must resolve, and what must never be shown."""

from __future__ import annotations

from collections.abc import Iterator

from agent.config import Secrets
from agent.errors import ConfigurationProblem
from inventory import Inventory
from inventory.settings import Credentials, Settings, SnmpV2cCredentials, SnmpV3Credentials


def references(inventory: Inventory) -> tuple[str, ...]:
    """The references to secrets in spokesman.toml and the customers' files, each once, sorted."""
    found = {*_of_settings(inventory.settings)}
    for customer in inventory.customers.values():
        for vpn in customer.vpns.values():
            found |= {ref for ref in (vpn.ike.psk, vpn.nhrp_authentication, vpn.bgp_password) if ref}
    return tuple(sorted(found))


def known_secrets(inventory: Inventory, secrets: Secrets) -> frozenset[str]:
    """The values of all that resolve, to be hidden wherever they would be shown."""
    return frozenset(value for reference in references(inventory) if (value := _value(secrets, reference)))


def _value(secrets: Secrets, reference: str) -> str:
    try:
        return secrets(reference).reveal()
    except ConfigurationProblem:  # `doctor` tells; what cannot be read cannot be shown either
        return ""


def _of_settings(settings: Settings) -> Iterator[str]:
    centre = settings.management_centre
    yield from (centre.ike_psk, centre.ntp_key, settings.store.master_key)
    if centre.tacacs_key:
        yield centre.tacacs_key
    yield from settings.secrets
    for credentials in settings.credentials.values():
        yield from _of_credentials(credentials)
    if settings.remote_write is not None:
        yield from filter(None, (settings.remote_write.bearer_token, settings.remote_write.password))
    for webhook in settings.webhooks.values():
        yield webhook.secret
        if webhook.previous_secret:
            yield webhook.previous_secret


def _of_credentials(credentials: Credentials) -> tuple[str, ...]:
    if isinstance(credentials, SnmpV3Credentials):
        return tuple(one for one in (credentials.auth, credentials.priv) if one)
    if isinstance(credentials, SnmpV2cCredentials):
        return (credentials.community,)
    return (credentials.password,)
