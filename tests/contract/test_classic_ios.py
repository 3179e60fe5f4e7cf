"""The session that speaks to IOS-XE speaks to classic IOS: the contract as a whole under soak, a sample here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from device_templates.platform import platform_text
from tests.contract.targets import Target
from tests.contract.virtual_iosxe import virtual_ios

pytestmark = pytest.mark.lab
IOS = platform_text("cisco_ios")


@pytest.fixture(scope="module")
def classic() -> Iterator[Target]:
    with virtual_ios() as found:
        yield found


def test_it_tells_what_it_is(classic: Target) -> None:
    with classic.open() as device:
        facts, running = device.facts(), device.running_config()
    assert (facts.hostname, facts.serial, facts.model) == (classic.place.name, classic.place.serial, "C892FSP-K9")
    assert facts.version.startswith("15.7")
    assert IOS.recognises(running)
    assert IOS.is_complete(running) is None
    assert IOS.read_model(running).unread == ()


def test_a_change_is_tried_confirmed_and_saved(classic: Target) -> None:
    line = classic.dialect.line
    with classic.open() as device:
        before = device.running_config()
        device.load_replace(classic.dialect.added(before, line))
        assert f"+{line}" in device.compare()
        device.commit(120)
        device.confirm()
        assert line in device.startup_config().splitlines()
        device.load_replace(before)
        device.commit(120)
        device.confirm()
        assert classic.says(device.running_config()) == classic.says(before)


def test_diagnostics_read_what_it_shows(classic: Target) -> None:
    with classic.open() as device:
        assert IOS.shows.clock(device.show).value is not None
        assert IOS.shows.interfaces(device.show).value["Vlan10"].enabled
