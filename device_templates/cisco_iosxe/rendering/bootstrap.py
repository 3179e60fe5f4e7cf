"""Day-zero text for a blank router, and the lines that create SNMPv3 users: what provisioning cannot do by itself."""

from __future__ import annotations

import re
from pathlib import Path

from device_templates.cisco_iosxe.rendering.dialect import dialect_of
from device_templates.cisco_iosxe.rendering.render import render
from device_templates.cisco_iosxe.rendering.secrets import IosWords
from device_templates.rendering.facts import feed_user, fleet_user, passphrases
from device_templates.rendering.words import SecretWords
from device_templates.texts import Bootstrap, Rendered, RenderedLine, Secrets, SnmpUserLine, Stage, protected
from inventory import Inventory, SiteView
from inventory.settings import SnmpV3Credentials

#: What management needs, and nothing of the service: provisioning brings the rest with an armed revert.
_PARTIALS = frozenset(
    {
        "services",
        "identity",
        "management_vrf",
        "aaa",
        "names",
        "archive",
        "users",
        "zones",
        "firewall_self",
        "encryption",
        "management_ike",
        "management_ipsec",
        "management_loopback",
        "management_tunnel",
        "front_door",
        "http",
        "front_door_routes",
        "management_routes",
        "ssh",
        "management_access",
        "snmp_access",
        "front_door_access",
        "firewall_access",
        "snmp",
        "tacacs",
        "lines",
        "ntp",
    }
)

#: IOS takes the cipher and the hash by these words.
_PRIV = {"aes128": "aes 128", "aes192": "aes 192", "aes256": "aes 256"}
_AUTH = {
    "sha": "sha",
    "sha224": "sha-2 224",
    "sha256": "sha-2 256",
    "sha384": "sha-2 384",
    "sha512": "sha-2 512",
}


def bootstrap(inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None) -> Bootstrap:
    """The stages that a field engineer enters on the console of a blank router, or loads from a USB stick.

    The same partials as ``render`` write stage 2, so that provisioning later finds nothing of it to change.
    Raises what ``render`` raises.
    """
    rendered, users = render(inventory, view, secrets, overrides), _users(inventory, view, secrets)
    licence = _licence(inventory, view)
    stages = 2 if licence else 1
    return Bootstrap(
        view.router.name,
        (
            *([Stage("Licence: crypto commands do not exist without it", licence)] if licence else []),
            Stage(
                "Management: address, login, SSH, archive and the management tunnel",
                _management(rendered, users, stages, dialect_of(view.router.release).usb),
            ),
        ),
    )


def snmp_user_lines(inventory: Inventory, view: SiteView, secrets: Secrets) -> tuple[SnmpUserLine, ...]:
    """The users that a router must have: the fleet's, and the customer's feed where it is ordered [WV-13]."""
    return _users(inventory, view, secrets)


def _users(inventory: Inventory, view: SiteView, secrets: Secrets) -> tuple[SnmpUserLine, ...]:
    words = IosWords(view.router.name, secrets)
    lines = [_user_line(fleet_user(inventory, view), "FLEET", words)]
    feed = feed_user(inventory, view)
    if feed is not None:
        lines.append(_user_line(feed, "FEED", words))
    return tuple(lines)


def _user_line(user: SnmpV3Credentials, group: str, words: SecretWords) -> SnmpUserLine:
    auth, priv = passphrases(user, words)
    return SnmpUserLine(
        protected(user.username, user.auth_protocol, user.priv_protocol),
        f"snmp-server user {user.username} {group} v3 "
        f"auth {_AUTH[user.auth_protocol]} {auth} priv {_PRIV[user.priv_protocol]} {priv}",
    )


#: Families whose security licence is one of a module, by model; others of classic IOS come with theirs.
_MODULES = re.compile(r"CISCO(19|29|39)\d\d")


def _licence(inventory: Inventory, view: SiteView) -> str:
    """The first stage, "" where the model has its licence from the factory."""
    dialect = dialect_of(view.router.release)
    level = dialect.boot_level or inventory.platform(view.router.platform).boot_level
    if dialect.modular:
        module = _MODULES.match(view.router.model)
        return _licensed(view, f"module c{module[1]}00 technology-package {level}") if module else ""
    return _licensed(view, f"level {level}")


def _licensed(view: SiteView, what: str) -> str:
    return _joined(
        f"! {view.router.name}, stage 1 of 2: licence",
        "! On the console, at the prompt of a blank router (answer no to the configuration dialogue).",
        "! The router reloads; go on with stage 2 when it is back.",
        "enable",
        "configure terminal",
        f"license boot {what}",
        "end",
        "write memory",
        "reload",
    )


def _management(rendered: Rendered, users: tuple[SnmpUserLine, ...], stages: int, usb: str) -> str:
    lines = [text for line in rendered.lines if _is_management(line) for text in _for_the_console(line)]
    return _joined(
        f"! {rendered.router}, stage {stages} of {stages}: management",
        "! The internet access is connected first. This text holds secrets: keep no copy of it.",
        f"! On the console: paste it whole. From a USB stick: copy {usb}FILE running-config, then write memory.",
        "enable",
        "configure terminal",
        "crypto key generate rsa general-keys label SSH modulus 3072",
        *lines,
        *(user.line for user in users),
        "end",
        "write memory",
        "! Ready when this shows UP: show interfaces Tunnel4095 | include line protocol",
    )


def _is_management(line: RenderedLine) -> bool:
    return line.partial.rpartition("/")[2].removesuffix(".j2") in _PARTIALS


def _for_the_console(line: RenderedLine) -> list[str]:
    """The line as it is typed: no separators, and ports of a blank router are shut down until told otherwise."""
    if line.text.strip() == "!":
        return []
    opens = "/front_door.j2" in f"/{line.partial}" and not line.path
    return [line.text, " no shutdown"] if opens else [line.text]


def _joined(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
