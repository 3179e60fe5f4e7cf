"""Whether a text is a whole configuration, and the form of it that can be loaded back."""

from __future__ import annotations

import tomllib

from device_templates.errors import NotParsable
from device_templates.linux_frr.reading.document import FIRST, Document, parse

NETWORK = "etc/spokesman/network.toml"
#: Without these the router could not be reached, or would carry nothing.
_NEEDED = (NETWORK, "etc/ssh/sshd_config")
_LONGEST_LINE = 4000


def is_complete(text: str) -> str | None:
    """Why ``text`` is not a whole configuration, or None where it is.

    A truncated or changed one never passes: its last line tells the number of files and the digest of all that stands
    before it. The files that say what the router is are there, and each of its VPNs has its routing.
    """
    try:
        document = parse(text)
    except NotParsable as error:
        return f"{error.where}: {error.message}" if error.where else error.message
    for path in _NEEDED:
        if not document.content(path):
            return f"it has no {path}"
    long = next(
        (one.path for one in document.files if any(len(x) > _LONGEST_LINE for x in one.content.split("\n"))), ""
    )
    if long:
        return f"{long} has a line of more than {_LONGEST_LINE} characters"
    return _network_fault(document)


def _network_fault(document: Document) -> str | None:
    try:
        network = tomllib.loads(document.content(NETWORK) or "")
    except (tomllib.TOMLDecodeError, RecursionError):
        return f"{NETWORK} is not TOML"
    if not isinstance(network.get("hostname"), str) or not network["hostname"]:
        return f"{NETWORK} has no hostname"
    vpns = network.get("vpn", [])
    names = [one.get("name") for one in vpns if isinstance(one, dict)] if isinstance(vpns, list) else [None]
    for name in names:
        if document.content(f"etc/frr/{name}/frr.conf") is None:
            return f"it has no etc/frr/{name}/frr.conf, the routing of a VPN of {NETWORK}"
    return None


def restorable(text: str) -> str:
    """The form that can be loaded back: from the first marker to the last, with plain line ends.

    A text that is not complete comes back as far as it goes; ask ``is_complete`` first.
    """
    plain = text.replace("\r\n", "\n") if "\r" in text else text
    start = plain.find(f"{FIRST}\n")
    return f"{plain[max(start, 0) :].rstrip()}\n"
