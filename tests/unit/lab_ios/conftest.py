"""Routers and sessions for the tests of one virtual router without sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from agent.lab.clock import LabClock
from agent.lab.ios.shell import Shell
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter

SECRET = "Str0ng-Console-Word"
BASE = f"""\
hostname lab-r1
ip domain name lab.invalid
aaa new-model
aaa authentication login default local
aaa authorization exec default local
username admin privilege 15 secret {SECRET}
enable secret {SECRET}
license boot level network-advantage addon dna-advantage
archive
 path bootflash:archive-
ip scp server enable
ip ssh version 2
interface GigabitEthernet0/0/0
 ip address 198.51.100.10 255.255.255.248
line vty 0 4
 transport input ssh
end
"""


@dataclass(slots=True)
class Hands:
    """A wall clock that tests move."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def blank(hands: Hands) -> VirtualRouter:
    """A router out of the box, booted."""
    router = VirtualRouter("r1", Chassis("C1111-8P", "FCZ0000A0B1", "17.9"), clock=LabClock(origin=0.0, real=hands))
    router.reload("PowerOn", seconds=0)
    return router


@pytest.fixture
def router(blank: VirtualRouter) -> VirtualRouter:
    """A router with a login, an archive and a licence that it has booted with."""
    assert "%" not in blank.merge(BASE).replace("% use 'write' command", "")
    blank.save("test")
    blank.reload(seconds=0)
    return blank


@pytest.fixture
def shell(router: VirtualRouter) -> Shell:
    return Shell(router, "admin")


@pytest.fixture
def say(shell: Shell) -> Callable[..., str]:
    """Type lines in one session; gives what the router says to the last."""

    def typed(*lines: str) -> str:
        said = ""
        for line in lines:
            said = shell.feed(line).text
        return said

    return typed
