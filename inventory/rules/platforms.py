"""What a router's platform allows: the names of its ports, its serial number, its release, and its SNMP users."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.platforms import PLATFORMS
from inventory.rules.base import Finding, Ground, Path, Place, SiteRule, WorkspaceRule, at, warning
from inventory.settings import SnmpV3Credentials
from inventory.site import Router
from inventory.workspace import SiteView


def port_names(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Every port of a site has a name that its router's platform knows."""
    facts = PLATFORMS[view.router.platform]
    for path, name in _ports_of(view):
        if not facts.is_interface(name):
            yield Finding(at(view, *path), f"no port of {facts.title} has this name", f"write {facts.interface_words}")


def serial_form(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A serial number is one that the platform's routers can have."""
    facts, number = PLATFORMS[view.router.platform], view.router.serial
    if number is not None and not facts.is_serial(number):
        message = f"no serial number of {facts.title} looks so"
        yield Finding(at(view, "router", "serial"), message, f"write {facts.serial_words}")


def release_form(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A software release is one that the platform can have."""
    facts, release = PLATFORMS[view.router.platform], view.router.release
    if not facts.is_release(release):
        message = f"{facts.title} has no release {release}"
        yield Finding(at(view, "router", "release"), message, f"write {facts.release_words}")


def model_ports(ground: Ground) -> Iterator[Finding]:
    """The ports of a model in spokesman.toml are ports of its platform."""
    for name, platform in ground.settings.platforms.items() if ground.settings else ():
        facts = PLATFORMS[name]
        for model, its in platform.models.items():
            place = Place(None, ("platforms", name, "models", model))
            for key, names in (("interfaces", its.interfaces), ("switch_ports", its.switch_ports)):
                for number, port in enumerate(names):
                    if not facts.is_interface(port):
                        message = f"no port of {facts.title} has this name"
                        yield Finding(place / key / number, message, f"write {facts.interface_words}")


def snmp_users(view: SiteView, ground: Ground) -> Iterator[Finding]:
    """A router's SNMP users are authenticated and encrypted by what its platform has, or it is not provisioned."""
    feed = view.site.options.snmp_feed
    named = [(at(view, "router", "snmp", "credentials"), view.router.snmp.credentials)]
    named += [(at(view, "options", "snmp_feed", "credentials"), feed.credentials)] if feed else []
    for place, name in named:
        entry = ground.settings.credentials.get(name) if ground.settings else None
        if isinstance(entry, SnmpV3Credentials) and (unfit := unfit_user(view.router, name, entry)) is not None:
            message, remedy = unfit
            yield warning(place, f"{message}; it will not be provisioned", remedy)


def unfit_user(router: Router, name: str, user: SnmpV3Credentials) -> tuple[str, str] | None:
    """Why a router cannot be given a user of [credentials], and what to do; None: it can."""
    facts, release = PLATFORMS[router.platform], router.release
    if user.weaknesses:
        message = f"{name} is a weak SNMPv3 user ({', '.join(user.weaknesses)}), and routers are given none"
        return message, "name an entry of [credentials] that has auth and priv, SHA and AES"
    if facts.is_release(release) and user.auth_protocol not in (known := facts.authenticates(release)):
        message = f"{facts.title} {release} cannot authenticate an SNMP user by {user.auth_protocol}, as {name} says"
        return message, f"name an entry with auth_protocol {' or '.join(known)}, or upgrade the router"
    if user.priv_protocol not in facts.snmp_priv:
        message = f"{facts.title} cannot encrypt an SNMP user by {user.priv_protocol}, as {name} says"
        return message, f"name an entry with priv_protocol {' or '.join(facts.snmp_priv)}"
    return None


def _ports_of(view: SiteView) -> Iterator[tuple[Path, str]]:
    yield ("access", "interface"), view.site.access.interface
    for vpn, lans in view.site.lans.items():
        for number, lan in enumerate(lans):
            for position, port in enumerate(lan.ports):
                yield ("lans", vpn, number, "ports", position), port
    ilan = view.site.options.ilan
    if ilan is not None:
        yield ("options", "ilan", "port"), ilan.port


RULES = (
    SiteRule("INV-18", port_names),
    SiteRule("INV-18", serial_form),
    SiteRule("INV-18", release_form),
    WorkspaceRule("INV-18", model_ports),
    SiteRule("INV-20", snmp_users),
)
