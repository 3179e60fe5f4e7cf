"""What a virtual router asks of the network around it, and a trivial network for tests of one router alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agent.lab.faults.conditions import Conditions

if TYPE_CHECKING:
    from agent.lab.router import VirtualRouter
    from agent.lab.running.crypto import Trustpoint
    from agent.lab.spec import Authority


@dataclass(frozen=True, slots=True)
class InterfaceStatus:
    """State of one interface; ``address`` is A.B.C.D/len as in use now, learned by DHCP or configured."""

    admin_up: bool
    line_up: bool
    protocol_up: bool
    address: str | None = None


@dataclass(frozen=True, slots=True)
class PingResult:
    """One answer (round trip in milliseconds) or None per packet; ``error`` is IOS's refusal, e.g. no such VRF."""

    replies: tuple[float | None, ...] = ()
    error: str | None = None


class World(Protocol):
    """The network between the routers. Every call must return at once; routers are asked for by reference."""

    def interface_status(self, router: VirtualRouter, name: str) -> InterfaceStatus:
        """State of interface ``name`` (full name as in the running configuration)."""

    def ping(self, router: VirtualRouter, address: str, vrf: str | None, source: str | None, count: int) -> PingResult:
        """Ping ``address`` from ``router``; ``source`` is an interface name or an address of the router."""

    def show(self, router: VirtualRouter, command: str) -> str | None:
        """Output of a show command that depends on the network, without the prompt; None: not known here.

        ``command`` is expanded to whole keywords where the router knows them (``show ip nhrp brief``); lines end
        with a newline; pipes are applied by the router afterwards.
        """

    def authority(self, router: VirtualRouter, trustpoint: Trustpoint) -> Authority | None:
        """The certificate authority that answers ``router`` at a trustpoint's URL now."""

    def management_reachable(self, router: VirtualRouter) -> bool:
        """Whether the router's management address reaches it now (access, management tunnel and power are up)."""

    def conditions(self, router: VirtualRouter) -> Conditions:
        """What the router and its access are like now: what is lost, late, busy or hangs."""


class AloneInTheWorld:
    """A network with nothing in it: interfaces follow their configuration, pings are never answered."""

    def __init__(self) -> None:
        self.reachable = True
        self.issuer: Authority | None = None

    def interface_status(self, router: VirtualRouter, name: str) -> InterfaceStatus:
        """Up unless shut down."""
        section = router.running.section(f"interface {name}")
        up = section is not None and not section.has("shutdown")
        found = section.value("ip address") if section else None
        return InterfaceStatus(up, up, up, _with_length(found) if found else None)

    def ping(self, router: VirtualRouter, address: str, vrf: str | None, source: str | None, count: int) -> PingResult:
        """Answered only by the router's own addresses."""
        del vrf, source
        own = {line.words[2] for section in router.running.interfaces() for line in section.children("ip address")}
        return PingResult(tuple(1.0 if address in own else None for _ in range(count)))

    def show(self, router: VirtualRouter, command: str) -> str | None:
        """Nothing is known."""
        del router, command
        return None

    def authority(self, router: VirtualRouter, trustpoint: Trustpoint) -> Authority | None:
        """The one that the test gives, at its own URL."""
        del router
        return self.issuer if self.issuer and self.issuer.url == trustpoint.url else None

    def management_reachable(self, router: VirtualRouter) -> bool:
        """As the test says."""
        return self.reachable and router.up

    def conditions(self, router: VirtualRouter) -> Conditions:
        """Nothing is wrong."""
        del router
        return Conditions()


def _with_length(configured: str) -> str | None:
    """``A.B.C.D M.M.M.M`` as A.B.C.D/len; None for ``dhcp`` and the like."""
    words = configured.split()
    if len(words) < 2 or words[0] == "dhcp":
        return None
    bits = sum(int(part).bit_count() for part in words[1].split("."))
    return f"{words[0]}/{bits}"
