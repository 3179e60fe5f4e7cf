"""Day-zero text for a blank router: packages, the router's program, and a first document with management only."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from device_templates.linux_frr.onboard import onboard_program
from device_templates.linux_frr.rendering.render import only, render
from device_templates.texts import Bootstrap, RenderedLine, Secrets, Stage
from inventory import Inventory, SiteView

#: What management needs, and nothing of the service: provisioning brings the rest with an armed revert.
_PARTIALS = frozenset(
    {
        "network",
        "front_door",
        "management_tunnel",
        "users",
        "management_ike",
        "front_door_filter",
        "management_filter",
        "snmp",
        "banner",
        "ssh",
    }
)

#: What Debian 12 does not install by itself.
PACKAGES = (
    "chrony",
    "frr",
    "frr-pythontools",
    "frr-snmp",
    "iproute2",
    "iputils-ping",
    "isc-dhcp-client",
    "keepalived",
    "kmod",
    "libstrongswan-standard-plugins",
    "netbase",
    "nftables",
    "openssh-server",
    "procps",
    "python3",
    "rsyslog",
    "snmpd",
    "strongswan-charon",
    "strongswan-swanctl",
)
#: Debian's own units of these; the router's program runs each with the document's file instead.
_UNITS = "chrony frr keepalived nftables rsyslog snmpd ssh strongswan-starter"

_UNIT = """\
[Unit]
Description=Configuration and daemons of this router
After=local-fs.target systemd-modules-load.service
StartLimitIntervalSec=0
[Service]
ExecStart=/usr/sbin/spokesman-router serve
KillMode=process
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
"""
_WIDTH = 76


def bootstrap(inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None) -> Bootstrap:
    """The stages that a field engineer pastes as root on the console of a blank router, or runs from a USB stick.

    The same partials as ``render`` write the first document, so that provisioning later finds nothing of it to change.
    Raises what ``render`` raises.
    """
    first = only(render(inventory, view, secrets, overrides), _is_management)
    return Bootstrap(
        view.router.name,
        (
            Stage("Packages: needed unless the router's image has them", _packages(view.router.name)),
            Stage(
                "Management: the router's program, address, login, SSH and the management tunnel", _start(view, first)
            ),
        ),
    )


def _is_management(line: RenderedLine) -> bool:
    return line.partial.rpartition("/")[2].removesuffix(".j2") in _PARTIALS


def _packages(router: str) -> str:
    return _joined(
        f"# {router}, stage 1 of 2: packages",
        "# On the console, as root, where the router reaches a mirror of Debian 12. Skip it if its image has them.",
        "sh -eu <<'STAGE'",
        "export DEBIAN_FRONTEND=noninteractive",
        "apt-get update </dev/null",
        "apt-get install -y --no-install-recommends \\",
        *(f"  {name} \\" for name in PACKAGES),
        "  </dev/null",
        "STAGE",
    )


def _start(view: SiteView, document: str) -> str:
    lines = document.splitlines()
    stage, end = _end_of("STAGE", lines), _end_of("DOCUMENT", lines)
    return _joined(
        f"# {view.router.name}, stage 2 of 2: management",
        "# The internet access is connected first. This text holds secrets: keep no copy of it.",
        "# On the console, as root: paste it whole, or run it from a USB stick with: sh FILE",
        f"sh -eu <<'{stage}'",
        "umask 077",
        "mkdir -p /etc/spokesman /var/lib/spokesman /usr/sbin",
        *_identity(view),
        "base64 -d >/usr/sbin/.spokesman-router.new <<'PROGRAM'",
        *_wrapped(onboard_program()),
        "PROGRAM",
        "chmod 755 /usr/sbin/.spokesman-router.new",
        "mv /usr/sbin/.spokesman-router.new /usr/sbin/spokesman-router",
        f"cat >/var/lib/spokesman/confirmed <<'{end}'",
        *lines,
        end,
        "if [ -d /run/systemd/system ]; then",
        f"  systemctl disable --quiet --now {_UNITS} </dev/null || true",
        "  cat >/etc/systemd/system/spokesman-router.service <<'UNIT'",
        *_UNIT.splitlines(),
        "UNIT",
        "  chmod 644 /etc/systemd/system/spokesman-router.service",
        "  systemctl daemon-reload </dev/null",
        "  systemctl enable --quiet spokesman-router </dev/null",
        "  systemctl restart spokesman-router </dev/null",
        "else",
        "  setsid /usr/sbin/spokesman-router serve </dev/null >>/var/log/spokesman-router.out 2>&1 &",
        "fi",
        stage,
        "# Ready when this shows an established tunnel: spokesman-router show topic=ike",
    )


def _end_of(word: str, lines: list[str]) -> str:
    """A word that ends a here-document around these lines and nowhere within: a banner may have any line."""
    while word in lines:
        word += "_"
    return word


def _identity(view: SiteView) -> list[str]:
    """A board that has no serial number in its firmware takes the one of its label, which the inventory has."""
    router = view.router
    if router.serial is None:
        return []
    text = json.dumps({"serial": router.serial, "model": router.model})
    return [
        "if [ ! -e /etc/spokesman/identity.json ] && [ ! -s /sys/class/dmi/id/product_serial ]; then",
        f"  printf '%s\\n' '{text}' >/etc/spokesman/identity.json",
        "  chmod 644 /etc/spokesman/identity.json",
        "fi",
    ]


def _wrapped(program: bytes) -> list[str]:
    text = base64.b64encode(program).decode()
    return [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]


def _joined(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
