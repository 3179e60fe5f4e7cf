"""What is checked alike whatever the platform: who answered, what a ping is asked for, words of a device for people."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address

from agent.errors import WrongDevice
from agent.provisioning.ports import DeviceFacts

_LONGEST_LINE = 2000


def check_identity(facts: DeviceFacts, router: str, serial: str) -> None:
    """WrongDevice unless the router has its own name and the enrolled serial number."""
    if facts.serial != serial:
        raise WrongDevice(
            f"the router that answers has the serial number {facts.serial}, enrolled is {serial}",
            where=router,
            remedy=f"if it was replaced, run: spokesman enrol {router}",
        )
    if facts.hostname != router:
        raise WrongDevice(
            f"the router that answers is called {facts.hostname}",
            where=router,
            remedy="check its management address; if it is the right one, set its host name",
        )


def ping_target(address: str, vrf: str, source: str, count: int) -> IPv4Address:
    """Where a ping goes; ValueError for what is not an address, VRF, interface or count."""
    try:
        target = IPv4Address(address)
    except AddressValueError:
        raise ValueError(f"{address!r} is not an IPv4 address") from None
    for value in (vrf, source):
        if not re.fullmatch(r"[A-Za-z0-9._/:-]*", value):
            raise ValueError(f"{value!r} is not a VRF or an interface")
    if not 1 <= count <= 100:
        raise ValueError(f"{count} packets: from 1 to 100 are sent")
    return target


def printable(text: str) -> str:
    """``text`` as it may be shown to people and searched: nothing that moves a cursor, and no endless line."""
    text = re.sub(r"[^\n\t -~\u00a0-\uffff]", "", text)
    return "\n".join(line[:_LONGEST_LINE] for line in text.split("\n"))
