"""What every ``Device`` does, whatever is behind it: the same tests for each platform, virtual and real."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.errors import AuthenticationRefused, CommandRejected, HostKeyRefused, NothingPending, WrongDevice
from agent.provisioning.ports import Device, Devices, Enrolment
from inventory import Secret
from tests.contract.targets import Target

pytestmark = pytest.mark.lab

#: How long a router may take to take a change back.
PATIENCE_S = 30


def lines(text: str) -> list[str]:
    """A configuration without comments."""
    return [line.rstrip() for line in text.splitlines() if not line.startswith("!")]


def with_line(target: Target, text: str) -> str:
    return target.dialect.added(text, target.dialect.line)


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_it_is_a_device(target: Target) -> None:
    devices: Devices = target.devices
    with devices.open(target.site) as session:
        device: Device = session
        facts = device.facts()
    assert facts.hostname == target.place.name
    assert facts.serial == target.place.serial
    assert facts.uptime_s >= 0
    assert facts.model
    assert facts.version


def test_the_host_key_that_answers_is_the_enrolled_one(target: Target) -> None:
    assert target.devices.host_key(target.site).split()[0].startswith(("ssh-", "ecdsa-"))
    with target.devices.open_with_key(target.site, target.place.host_key) as device:
        assert device.facts().hostname == target.place.name


def test_another_host_key_is_refused(target: Target, other_key: str) -> None:
    with pytest.raises(HostKeyRefused), target.devices.open_with_key(target.site, other_key):
        pass


def test_a_wrong_password_is_refused(target: Target) -> None:
    other = replace(target.devices, secrets=lambda *_: Secret("Some-Other-Login-9"))
    with pytest.raises(AuthenticationRefused) as caught, other.open(target.site):
        pass
    assert "Some-Other" not in str(caught.value)


def test_another_serial_number_is_another_device(target: Target) -> None:
    found = target.known[target.place.name]
    target.known.enrol(Enrolment(found.router, "OTHER-1", found.host_key, found.at, found.by))
    with pytest.raises(WrongDevice, match=target.place.serial), target.open():
        pass


def test_running_is_whole_and_loads_back_without_a_difference(target: Target) -> None:
    with target.open() as device:
        running = device.running_config()
        assert re.search(target.dialect.ends_in, running)
        assert target.dialect.hostname.format(target.place.name) in running
        device.load_replace(running)
        assert device.compare() == ""
        device.discard()


def test_running_is_read_the_same_twice(target: Target) -> None:
    with target.open() as device:
        assert target.says(device.running_config()) == target.says(device.running_config())


def test_a_change_is_compared_tried_confirmed_saved_and_taken_back(target: Target) -> None:
    line = target.dialect.line
    with target.open() as device:
        before = device.running_config()
        try:
            device.load_replace(with_line(target, before))
            assert f"+{line}" in device.compare()
            device.commit(120)
            assert device.pending_revert()
            assert line in lines(device.running_config())
            device.confirm()
            assert not device.pending_revert()
            assert line in lines(device.startup_config())
        finally:
            device.load_replace(before)
            device.commit(120)
            device.confirm()
            device.discard()
        assert target.says(device.running_config()) == target.says(before)


def test_a_candidate_that_is_loaded_and_discarded_changes_nothing(target: Target) -> None:
    with target.open() as device:
        before = device.running_config()
        device.load_replace(with_line(target, before))
        device.discard()
        assert not device.pending_revert()
        assert target.says(device.running_config()) == target.says(before)


def test_a_change_that_is_not_kept_leaves_no_trace(target: Target) -> None:
    with target.open() as device:
        before = device.running_config()
        saved = device.startup_config()
        device.load_replace(with_line(target, before))
        device.commit(60)
        device.revert_now()
        assert not device.pending_revert()
        assert target.says(device.running_config()) == target.says(before)
        assert target.says(device.startup_config()) == target.says(saved)
        device.discard()


@pytest.mark.parametrize("ending", [pytest.param("closed", marks=pytest.mark.soak), "cut"])
def test_what_nobody_confirms_the_router_takes_back_by_itself(target: Target, ending: str) -> None:
    with target.open() as device:
        before = device.running_config()
        saved = device.startup_config()
        device.load_replace(with_line(target, before))
        device.commit(target.dialect.shortest_s)
        assert target.dialect.line in lines(device.running_config())
        if ending == "cut":
            device._session.connection.cut()
    target.pass_time(target.dialect.shortest_s + 1)
    with target.open() as device:
        eventually(lambda: not device.pending_revert())
        assert target.says(device.running_config()) == target.says(before)
        assert target.says(device.startup_config()) == target.says(saved)
        with pytest.raises(NothingPending):
            device.confirm()
        device.discard()


@pytest.mark.parametrize("ending", ["confirm", "revert_now"])
def test_a_session_that_is_lost_on_trial_is_taken_up_by_the_next(target: Target, ending: str) -> None:
    with target.open() as device:
        before = device.running_config()
        device.load_replace(with_line(target, before))
        device.commit(300)
        device._session.connection.cut()
    with target.open() as device:
        assert device.pending_revert()
        getattr(device, ending)()
        assert (target.dialect.line in lines(device.running_config())) is (ending == "confirm")
        device.load_replace(before)
        device.commit(300)
        device.confirm()
        device.discard()
        assert target.says(device.running_config()) == target.says(before)


def test_while_a_change_waits_a_second_is_refused(target: Target) -> None:
    with target.open() as device:
        before = device.running_config()
        device.load_replace(with_line(target, before))
        device.commit(300)
        with target.open() as second:
            second.load_replace(before)
            with pytest.raises(CommandRejected, match=rf"change of user {target.login[0]} waits"):
                second.commit(60)
        assert target.dialect.line in lines(device.running_config())
        device.revert_now()
        device.discard()
        assert target.says(device.running_config()) == target.says(before)


def test_a_rejected_line_changes_nothing(target: Target) -> None:
    with target.open() as device:
        before = device.running_config()
        device.load_replace(target.dialect.added(before, target.dialect.bad_line))
        with pytest.raises(CommandRejected, match="no-such-command") as caught:
            device.commit(60)
        assert "Planted" not in str(caught.value)
        assert not device.pending_revert()
        assert target.says(device.running_config()) == target.says(before)
        device.discard()


def test_with_nothing_pending_there_is_nothing_to_end(target: Target) -> None:
    with target.open() as device:
        with pytest.raises(NothingPending):
            device.confirm()
        with pytest.raises(NothingPending):
            device.revert_now()


def test_saving_and_discarding_can_be_repeated(target: Target) -> None:
    with target.open() as device:
        for _ in range(2):
            device.save()
            device.discard()


def test_show(target: Target) -> None:
    with target.open() as device:
        for command, part in target.dialect.shown:
            assert part in device.show(command)
        for command in (target.dialect.unknown, *target.dialect.unlawful):
            with pytest.raises(CommandRejected):
                device.show(command)
        assert device.facts().hostname == target.place.name


def test_ping(target: Target) -> None:
    with target.open() as device:
        result = device.ping("192.0.2.254", count=2)
        assert (result.sent, result.received, result.average_ms) == (2, 0, None)
        refused: tuple[tuple[str, dict[str, Any]], ...] = (
            ("nowhere", {}),
            ("192.0.2.254", {"count": 0}),
            ("192.0.2.254", {"vrf": "a;b"}),
        )
        for address, wanted in refused:
            with pytest.raises(CommandRejected):
                device.ping(address, **wanted)
