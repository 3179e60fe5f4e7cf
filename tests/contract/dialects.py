"""What differs between platforms in the device contract: texts and commands, and nothing that a test decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from device_templates.linux_frr.reading.document import Document, File, parse, write


@dataclass(frozen=True)
class Dialect:
    """The words of one platform.

    ``line`` is one more line of a configuration, as the router shows it; ``added`` gives a configuration with a line
    more. ``bad_line`` is one that the router refuses. ``shown`` are commands with a part of what they show; ``unknown``
    is a command that this router does not have, ``unlawful`` ones that are not even sent. ``shortest_s`` is the
    shortest time that a change waits; ``reverts`` what the router needs to take it back.
    """

    platform: str
    line: str
    bad_line: str
    added: Callable[[str, str], str]
    ends_in: str
    hostname: str
    shown: tuple[tuple[str, str], ...]
    unknown: str
    unlawful: tuple[str, ...]
    shortest_s: int


def _ios_added(text: str, line: str) -> str:
    assert text.endswith("\nend\n")
    return text.removesuffix("end\n") + f"{line}\nend\n"


IOSXE = Dialect(
    platform="cisco_iosxe",
    line="ip host spokesman-contract 192.0.2.99",
    bad_line="no-such-command at all",
    added=_ios_added,
    ends_in=r"\nend\n\Z",
    hostname="hostname {}\n",
    shown=(("show version", "Version"), ("show running-config | include ^hostname", "hostname acme-lee-r1")),
    unknown="show no-such-thing",
    unlawful=("reload", "show version | redirect flash:x", "show version\nreload", "show ?", ""),
    shortest_s=60,
)

#: What classic IOS is told is what IOS-XE is told.
IOS = replace(IOSXE, platform="cisco_ios")

#: The VPN of the router that the suite runs against.
VPN = "corporate"
FRR = f"etc/frr/{VPN}/frr.conf"


def changed(text: str, path: str, change: Callable[[str], str]) -> str:
    """A document with one file changed."""
    return write(
        Document(tuple(File(one.path, change(one.content)) if one.path == path else one for one in parse(text).files))
    )


def _linux_added(text: str, line: str) -> str:
    return changed(text, FRR, lambda content: f"{content}{line}\n")


LINUX = Dialect(
    platform="linux_frr",
    line="ip route 192.0.2.99/32 blackhole",
    bad_line="no-such-command at all",
    added=_linux_added,
    ends_in=r"\n%% end \d+ [0-9a-f]{64}\n\Z",
    hostname='hostname = "{}"\n',
    shown=(("interfaces", '"ifname": "lo"'), (f"bgp {VPN}", '"summary"')),
    unknown="no-such-topic",
    unlawful=("bgp; reboot", "../bgp", "bgp\nreboot", "show version | x", ""),
    shortest_s=4,
)
