"""What receivers of webhooks and of samples must be, so that nothing is sent in the clear, or to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from inventory.rules.base import Finding, Ground, Place, WorkspaceRule


def receivers(ground: Ground) -> Iterator[Finding]:
    """A webhook's URL can exist and is https unless it stays on this machine; a former secret is another one."""
    if ground.settings is None:
        return
    for name, webhook in ground.settings.webhooks.items():
        place = Place(None, ("webhooks", name))
        yield from _reached(place / "url", webhook.url, plain_http=webhook.plain_http)
        if webhook.previous_secret == webhook.secret:
            yield Finding(place / "previous_secret", "is the secret itself", "name the former one, or remove it")


def remote_write(ground: Ground) -> Iterator[Finding]:
    """The URL that samples are sent to can exist, and is https unless it stays on this machine."""
    receiver = ground.settings.remote_write if ground.settings else None
    if receiver is not None:
        yield from _reached(Place(None, ("remote_write", "url")), receiver.url, plain_http=receiver.plain_http)


def _reached(place: Place, url: str, *, plain_http: bool) -> Iterator[Finding]:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        yield Finding(place, "has a host or port that does not exist", "write https://HOST:PORT/PATH")
        return
    if parts.scheme == "http" and not plain_http and not _here(host):
        remedy = "write https://, or set plain_http where the network itself protects it"
        yield Finding(place, "sends in the clear to another machine", remedy)


def customers(ground: Ground) -> Iterator[Finding]:
    """Customers that a webhook is limited to exist."""
    if ground.settings is None:
        return
    known = {customer.customer for customer in ground.customers}
    for name, webhook in ground.settings.webhooks.items():
        for index, customer in enumerate(webhook.customers):
            if customer not in known:
                place = Place(None, ("webhooks", name, "customers", index))
                yield Finding(place, f"there is no customer {customer} that can be used", "write one of customers/")


def _here(host: str) -> bool:
    """Whether a host is this machine by its form alone; no name is looked up."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


RULES = (WorkspaceRule("INV-17", receivers), WorkspaceRule("INV-17", customers), WorkspaceRule("INV-17", remote_write))
