"""NAPALM's driver for the router that a test has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import napalm

from tests.contract.targets import Target


def driver(target: Target, **options: Any) -> Any:
    """NAPALM's driver, found by its name."""
    place, (username, password) = target.place, target.login
    found = napalm.get_network_driver("linux_frr")
    named = {"port": place.port, "host_key": place.host_key, **options}
    return found(place.address, username, password, timeout=20, optional_args=named)


@contextmanager
def session(target: Target, **options: Any) -> Iterator[Any]:
    device = driver(target, **options)
    device.open()
    try:
        yield device
    finally:
        device.close()
