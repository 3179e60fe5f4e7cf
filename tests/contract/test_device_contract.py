"""What every ``Device`` does, whatever is behind it: the same tests for the virtual router and for a real one."""

from __future__ import annotations

from typing import Any

import pytest

from agent.errors import CommandRejected, HostKeyRefused, NothingPending
from agent.provisioning.ports import Device, Devices

pytestmark = pytest.mark.lab

LINE = "ip host spokesman-contract 192.0.2.99"


def with_line(text: str, line: str = LINE) -> str:
    """A configuration with one more line, where a device would show it."""
    assert text.endswith("\nend\n")
    return text.removesuffix("end\n") + f"{line}\nend\n"


def lines(text: str) -> set[str]:
    return {line.rstrip() for line in text.splitlines() if not line.startswith("!")}


def test_it_is_a_device(target: Any) -> None:
    devices: Devices = target.devices
    with devices.open(target.site) as session:
        device: Device = session
        facts = device.facts()
    assert facts.hostname == target.site.router.name
    assert facts.serial == target.known[facts.hostname].serial
    assert facts.uptime_s >= 0
    assert facts.model
    assert facts.version


def test_the_host_key_that_answers_is_the_enrolled_one(target: Any) -> None:
    name = target.site.router.name
    assert target.devices.host_key(target.site).split()[0].startswith(("ssh-", "ecdsa-"))
    with target.devices.open_with_key(target.site, target.known[name].host_key) as device:
        assert device.facts().hostname == name


def test_another_host_key_is_refused(target: Any, other_key: str) -> None:
    with pytest.raises(HostKeyRefused), target.devices.open_with_key(target.site, other_key):
        pass


def test_running_is_whole_and_loads_back_without_a_difference(target: Any) -> None:
    with target.open() as device:
        running = device.running_config()
        assert running.endswith("\nend\n")
        assert f"hostname {target.site.router.name}" in running
        device.load_replace(running)
        assert device.compare() == ""
        device.discard()


def test_a_change_is_compared_tried_confirmed_saved_and_taken_back(target: Any) -> None:
    with target.open() as device:
        before = device.running_config()
        try:
            device.load_replace(with_line(before))
            assert f"+{LINE}" in device.compare()
            device.commit(120)
            assert device.pending_revert()
            assert LINE in lines(device.running_config())
            device.confirm()
            assert not device.pending_revert()
            assert LINE in lines(device.startup_config())
        finally:
            device.load_replace(before)
            device.commit(120)
            device.confirm()
            device.discard()
        assert lines(device.running_config()) == lines(before)


def test_a_change_that_is_not_kept_leaves_no_trace(target: Any) -> None:
    with target.open() as device:
        before = device.running_config()
        saved = device.startup_config()
        device.load_replace(with_line(before))
        device.commit(60)
        device.revert_now()
        assert not device.pending_revert()
        assert lines(device.running_config()) == lines(before)
        assert lines(device.startup_config()) == lines(saved)
        device.discard()


@pytest.mark.parametrize("ending", ["confirm", "revert_now"])
def test_a_session_that_is_lost_on_trial_is_taken_up_by_the_next(target: Any, ending: str) -> None:
    with target.open() as device:
        before = device.running_config()
        device.load_replace(with_line(before))
        device.commit(300)
        device._session.connection.cut()
    with target.open() as device:
        assert device.pending_revert()
        getattr(device, ending)()
        assert (LINE in lines(device.running_config())) is (ending == "confirm")
        device.load_replace(before)
        device.commit(300)
        device.confirm()
        device.discard()
        assert lines(device.running_config()) == lines(before)


def test_a_rejected_line_changes_nothing(target: Any) -> None:
    with target.open() as device:
        before = device.running_config()
        device.load_replace(with_line(before, "no-such-command at all"))
        with pytest.raises(CommandRejected, match="no-such-command"):
            device.commit(60)
        assert not device.pending_revert()
        assert lines(device.running_config()) == lines(before)
        device.discard()


def test_with_nothing_pending_there_is_nothing_to_end(target: Any) -> None:
    with target.open() as device:
        with pytest.raises(NothingPending):
            device.confirm()
        with pytest.raises(NothingPending):
            device.revert_now()


def test_saving_and_discarding_can_be_repeated(target: Any) -> None:
    with target.open() as device:
        for _ in range(2):
            device.save()
            device.discard()


def test_show_and_ping(target: Any) -> None:
    with target.open() as device:
        assert "Version" in device.show("show version")
        assert device.show("show running-config | include ^hostname").strip() == f"hostname {target.site.router.name}"
        result = device.ping("192.0.2.254", count=2)
        assert (result.sent, result.received, result.average_ms) == (2, 0, None)
        with pytest.raises(CommandRejected):
            device.show("show no-such-thing")


def test_an_snmp_user_exists_after_it_was_set(target: Any) -> None:
    with target.open() as device:
        device.set_snmp_user("snmp-server user contract FLEET v3 auth sha Planted-Auth-1 priv aes 128 Planted-Priv-1")
        assert "contract" in device.snmp_users()
        assert "contract" not in device.running_config()
        with pytest.raises(CommandRejected) as caught:
            device.set_snmp_user("snmp-server user other FLEET v3 auth sha Short1 priv aes 128 Planted-Priv-1")
        assert "Short1" not in str(caught.value)
