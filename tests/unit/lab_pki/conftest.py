"""A router that stands alone with a certificate authority, and a terminal at it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from agent.lab.clock import LabClock
from agent.lab.ios.shell import Shell
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter
from agent.lab.spec import Authority
from agent.lab.world import AloneInTheWorld

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
CONFIGURED = f"""\
hostname lab-r1
ip domain name lab.invalid
crypto pki trustpoint ACME-CA
 enrollment url http://10.0.0.9
 serial-number none
 fqdn none
 ip-address none
 fingerprint {FINGERPRINT}
 subject-name CN=lab-r1,OU=acme.vpn
 revocation-check crl none
 rsakeypair ACME-CA 3072
 auto-enroll 80 regenerate
crypto pki trustpoint BY-HAND
 enrollment url http://10.0.0.9:80
 subject-name CN=lab-r1
end
"""
START = 1_800_000_000.0


@dataclass
class Desk:
    """A router, its time, and what a person at its console sees."""

    seconds: float = START
    router: VirtualRouter = field(init=False)
    world: AloneInTheWorld = field(init=False)
    shell: Shell = field(init=False)

    def __post_init__(self) -> None:
        self.world = AloneInTheWorld()
        self.world.issuer = Authority(url="http://10.0.0.9:80", fingerprint=FINGERPRINT, name="acme-ca")
        clock = LabClock(origin=0.0, real=lambda: self.seconds)
        self.router = VirtualRouter("r1", Chassis("C1111-8P", "FCZ0000A0B1", "17.9"), clock=clock, world=self.world)
        self.router.reload("PowerOn", seconds=0)
        assert self.router.merge(CONFIGURED) == ""
        self.router.save("test")
        self.shell = Shell(self.router, "admin")

    def say(self, *lines: str) -> str:
        """Type lines; everything that the router answers, questions included."""
        shown = ""
        for line in lines:
            shown += self.shell.feed(line).text
            shown += self.shell.question.text if self.shell.question else ""
        return shown

    def configure(self, *lines: str) -> str:
        """The same in configuration mode."""
        return self.say("configure terminal", *lines, "end")

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        self.router.tick()

    def certificates(self, name: str = "ACME-CA") -> str:
        """``show crypto pki certificates``."""
        return self.say(f"show crypto pki certificates {name}")


@pytest.fixture
def desk() -> Desk:
    return Desk()
