"""What the device contract runs against, by platform, over real SSH.

- ``cisco_iosxe``: the lab's virtual router, over real SCP too.
- ``cisco_ios``: the lab's router of classic IOS, with every option; under ``soak``.
- ``linux_frr``: a real router in network namespaces: sshd, the router's own program, FRR. It takes root and Debian's
  packages.
- ``linux_frr-stand_in``: a small peer that speaks the wire of linux_frr. It is there for faults that a real router does
  not have; the same suite keeps it honest.
- ``real``: a router that ``SPOKESMAN_CONTRACT_ROUTER`` names as ``name,address,port,user,serial,platform``, with its
  host key (``ssh-… base64``) in ``SPOKESMAN_CONTRACT_HOST_KEY`` and the password in ``SPOKESMAN_CONTRACT_PASSWORD``. It
  must be one that may be changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import paramiko
import pytest

from tests.contract.dialects import IOS, IOSXE, LINUX
from tests.contract.linux_router import linux_router
from tests.contract.linux_stand_in import linux_stand_in
from tests.contract.targets import Place, Target, made
from tests.contract.virtual_iosxe import virtual_ios, virtual_iosxe

REAL = os.environ.get("SPOKESMAN_CONTRACT_ROUTER", "")


@contextmanager
def _named() -> Iterator[Target]:
    name, address, port, user, serial, platform = REAL.split(",")
    place = Place(name, serial, address, int(port), os.environ["SPOKESMAN_CONTRACT_HOST_KEY"])
    dialect = next(one for one in (IOSXE, IOS, LINUX) if one.platform == platform)
    yield made(dialect, place, (user, os.environ["SPOKESMAN_CONTRACT_PASSWORD"]))


_TARGETS: dict[str, Callable[[], AbstractContextManager[Target]]] = {
    "cisco_iosxe": virtual_iosxe,
    "cisco_ios": virtual_ios,
    "linux_frr": linux_router,
    "linux_frr-stand_in": linux_stand_in,
    **({"real": _named} if REAL else {}),
}
_MARKS = {"cisco_ios": pytest.mark.soak}


@pytest.fixture(params=[pytest.param(name, marks=_MARKS.get(name, ())) for name in _TARGETS])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with _TARGETS[request.param]() as found:
        yield found


@pytest.fixture
def other_key() -> str:
    """A host key that no router has."""
    key = paramiko.ECDSAKey.generate()
    return f"{key.get_name()} {key.get_base64()}"


@pytest.fixture
def virtual() -> Iterator[Target]:
    """The virtual IOS-XE router: what follows breaks it on purpose."""
    with virtual_iosxe() as found:
        yield found


@pytest.fixture
def stand_in() -> Iterator[Target]:
    """The stand-in of a linux_frr router: what follows breaks it on purpose."""
    with linux_stand_in() as found:
        yield found


@pytest.fixture
def linux() -> Iterator[Target]:
    """The real linux_frr router."""
    with linux_router() as found:
        yield found
