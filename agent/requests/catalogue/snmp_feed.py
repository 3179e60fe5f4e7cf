"""Change the hosts of the customer's SNMP management feed [WV-13]; ordering the feed itself is an order."""

from __future__ import annotations

from ipaddress import IPv4Address

from pydantic import model_validator

from agent.requests.kind import Change, Conflict, Kind, Parameters
from inventory import Inventory, SiteView
from inventory.fields import Address, refusal
from inventory.intent import Edit

#: The feed goes to at most so many hosts [WV-13].
MOST = 2


class FeedParameters(Parameters):
    """The hosts that may read: all of them by ``hosts``, or what changes by ``add`` and ``remove``."""

    hosts: tuple[Address, ...] = ()
    """All hosts that may read from now on: one or two, in customer LANs of the feed's VPN."""
    add: tuple[Address, ...] = ()
    """Hosts that may read as well."""
    remove: tuple[Address, ...] = ()
    """Hosts that may no longer read."""

    @model_validator(mode="after")
    def _one_way(self) -> FeedParameters:
        if bool(self.hosts) == bool(self.add or self.remove):
            raise refusal("needs either hosts, or add and remove", "name all hosts, or only what changes")
        return self


def change(_: Inventory, view: SiteView, wanted: FeedParameters) -> Change:
    """The feed's new hosts; whether they are in customer LANs is left to the rules."""
    feed = view.site.options.snmp_feed
    if feed is None:
        raise Conflict(
            f"{view.name} has no SNMP feed", rule="WV-13", remedy="order the feed first", order="SNMP management feed"
        )
    hosts = wanted.hosts or _changed(feed.hosts, wanted)
    if len(set(hosts)) < len(hosts):
        raise Conflict("names a host twice", rule="WV-13", remedy="name each once")
    if len(hosts) > MOST:
        raise Conflict(
            f"the feed goes to at most two hosts, and these are {len(hosts)}", rule="WV-13", remedy="remove one as well"
        )
    if not hosts:
        raise Conflict("no host is left", rule="WV-13", remedy="ending the feed is an order", order="SNMP feed ends")
    if set(hosts) == set(feed.hosts):
        raise Conflict("these are the feed's hosts already", rule="WV-22", remedy="nothing is to be done")
    path = ("sites", view.name, "options", "snmp_feed", "hosts")
    return Change((Edit(path=path, set=[str(host) for host in hosts]),), f"{view.key} snmp feed")


def _changed(hosts: tuple[IPv4Address, ...], wanted: FeedParameters) -> tuple[IPv4Address, ...]:
    for host in wanted.remove:
        if host not in hosts:
            raise Conflict(
                f"{host} is no host of the feed", rule="WV-22", remedy=f"the hosts are: {', '.join(map(str, hosts))}"
            )
    for host in wanted.add:
        if host in hosts:
            raise Conflict(f"{host} is a host of the feed already", rule="WV-22", remedy="leave it out")
    return (*(host for host in hosts if host not in wanted.remove), *wanted.add)


KINDS = (
    Kind(
        name="change_snmp_feed_hosts",
        title="Change which hosts read the SNMP management feed",
        parameters=FeedParameters,
        change=change,
        example={"hosts": ["10.10.1.50", "10.10.1.52"]},
        clauses=("WV-22", "WV-13"),
    ),
)
