"""The virtual IOS-XE router goes wrong in every way it can; the session says so and nothing is half changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.errors import (
    AuthenticationRefused,
    CommandRejected,
    CommitOutcomeUnknown,
    DeviceTimeout,
    DiskFull,
    HostKeyRefused,
    IncompleteOutput,
    NothingPending,
    Unreachable,
    WrongDevice,
)

pytestmark = pytest.mark.lab

LINE = "ip host spokesman-contract 192.0.2.99"


def with_line(text: str, line: str = LINE) -> str:
    return text.removesuffix("end\n") + f"{line}\nend\n"


def running(virtual: Any) -> str:
    return str(virtual.lab.do(lambda router: router.running.render()))


def saved(virtual: Any) -> str:
    return str(virtual.lab.do(lambda router: router.startup))


def test_a_wrong_password(virtual: Any) -> None:
    virtual.lab.do(lambda router: router.merge("username spokesman privilege 15 secret 0 Changed-Login-1\nend\n"))
    with pytest.raises(AuthenticationRefused), virtual.open():
        pass


def test_a_replaced_router_has_another_key_and_another_serial(virtual: Any) -> None:
    golden = saved(virtual)

    def replaced(router: Any) -> None:
        router.replace_by_blank("FCZ9999A0B2")
        router.startup = golden
        router.reload(seconds=0)

    virtual.lab.do(replaced)
    with pytest.raises(HostKeyRefused, match="enrol acme-lee-r1"), virtual.open():
        pass
    key = virtual.devices.host_key(virtual.site)
    with virtual.devices.open_with_key(virtual.site, key) as device:
        assert device.facts().serial == "FCZ9999A0B2"
    virtual.known.enrol(replace(virtual.known["acme-lee-r1"], host_key=key))
    with pytest.raises(WrongDevice, match="FCZ9999A0B2"), virtual.open():
        pass


def test_a_router_that_is_off_is_silent(virtual: Any) -> None:
    virtual.lab.do(lambda router: router.power_off())
    with pytest.raises((Unreachable, DeviceTimeout)), virtual.open(connect_s=1.0, login_s=3.0):
        pass
    with virtual.lab.unreachable(), pytest.raises((Unreachable, DeviceTimeout)):
        virtual.quick(connect_s=1.0).host_key(virtual.site)


@pytest.mark.parametrize("sent", [0, 40, 2000])
def test_a_hang_in_the_middle_of_an_answer(virtual: Any, sent: int) -> None:
    virtual.lab.do(lambda router: router.faults.hang.update({"show running-config": sent}))
    with virtual.open(configuration_s=3.0) as device, pytest.raises(DeviceTimeout):
        device.running_config()


@pytest.mark.parametrize("sent", [0, 60, 400, 5000])
def test_an_answer_that_is_cut_off(virtual: Any, sent: int) -> None:
    virtual.lab.do(lambda router: router.faults.truncate.update({"show running-config": sent}))
    with virtual.open() as device, pytest.raises(IncompleteOutput):
        device.running_config()


def test_a_stall_after_what_looks_like_the_prompt(virtual: Any) -> None:
    def banner(router: Any) -> None:
        router.merge("banner motd \x03\nwelcome\nacme-lee-r1#\ngo on\n\x03\nend\n")
        router.faults.stall["show running-config"] = ("acme-lee-r1#", 1.0)

    virtual.lab.do(banner)
    with virtual.open(quiet_s=3.0) as device:
        assert "go on" in device.running_config()


def test_a_full_flash(virtual: Any) -> None:
    virtual.lab.do(lambda router: setattr(router.flash, "size", router.flash.base + 1000))
    with virtual.open() as device:
        before = device.running_config()
        with pytest.raises(DiskFull):
            device.load_replace(with_line(before))
    assert virtual.lab.do(lambda router: router.flash.files) == {}


def test_a_line_that_the_router_rejects(virtual: Any) -> None:
    before = running(virtual)
    virtual.lab.do(lambda router: router.faults.reject.append("ip host spokesman-contract"))
    with virtual.open() as device:
        device.load_replace(with_line(device.running_config()))
        with pytest.raises(CommandRejected, match=r"back on what it had: .*spokesman-contract") as caught:
            device.commit(60)
        assert not device.pending_revert()
    assert running(virtual) == before
    assert "Planted" not in str(caught.value)


def test_a_change_that_nobody_confirms_is_taken_back_by_the_router(virtual: Any) -> None:
    before = running(virtual)
    with virtual.open() as device:
        device.load_replace(with_line(device.running_config()))
        device.commit(90)
        assert LINE in running(virtual)
        virtual.lab.pass_time(119)
        assert device.pending_revert()
        virtual.lab.pass_time(2)
        assert not device.pending_revert()
        with pytest.raises(NothingPending):
            device.confirm()
    assert running(virtual) == before


def test_a_router_that_falls_silent_with_the_change(virtual: Any) -> None:
    before = running(virtual)
    with virtual.open(change_s=6.0) as device:
        device.load_replace(with_line(device.running_config()))
        virtual.lab.do(lambda router: router.faults.hang.update({"configure replace": 0}))
        with pytest.raises(CommitOutcomeUnknown):
            device.commit(60)
    virtual.lab.do(lambda router: router.faults.hang.clear())
    virtual.lab.pass_time(61)
    assert running(virtual) == before
    with virtual.open() as device:
        assert not device.pending_revert()
        device.discard()


@pytest.mark.timeout(60)
def test_a_change_that_cuts_management_is_not_waited_for(virtual: Any) -> None:
    before = running(virtual)
    with virtual.open(change_s=1000.0, alive_every_s=0.5, alive_within_s=0.5) as device:
        device.load_replace(with_line(device.running_config()))
        with virtual.lab.unreachable_after_a_change(), pytest.raises(CommitOutcomeUnknown):
            device.commit(60)
    assert LINE in running(virtual)
    virtual.lab.pass_time(61)
    with virtual.open() as device:
        assert not device.pending_revert()
        device.discard()
    assert running(virtual) == before


def test_a_change_of_the_host_name_does_not_lose_the_session(virtual: Any) -> None:
    with virtual.open() as device:
        device.load_replace(device.running_config().replace("hostname acme-lee-r1\n", "hostname acme-lee-r99-new\n"))
        device.commit(60)
        assert device.facts().hostname == "acme-lee-r99-new"
        assert "hostname acme-lee-r99-new\n" in device.running_config()
        device.revert_now()
        assert "hostname acme-lee-r1\n" in device.running_config()
        device.discard()


def test_a_router_that_restarts_with_the_change_on_trial(virtual: Any) -> None:
    before = saved(virtual)
    with virtual.open() as device:
        device.load_replace(with_line(device.running_config()))
        device.commit(60)
        virtual.lab.do(lambda router: router.reload(seconds=0))
        with pytest.raises((CommitOutcomeUnknown, DeviceTimeout, NothingPending)):
            device.confirm()
    with virtual.open() as device:
        assert LINE not in device.running_config()
        device.discard()
    assert saved(virtual) == before


def test_the_change_of_another_user_is_left_alone(virtual: Any) -> None:
    virtual.lab.do(lambda router: router.arm_revert("mallory", 5))
    with virtual.open() as device:
        assert device.pending_revert()
        device.load_replace(with_line(device.running_config()))
        for action in (lambda: device.commit(60), device.confirm, device.revert_now):
            with pytest.raises(CommandRejected, match="mallory"):
                action()
    assert LINE not in running(virtual)


def test_no_secret_file_is_left_on_flash_when_a_session_ends_badly(virtual: Any) -> None:
    with virtual.open() as device:
        device.load_replace(with_line(device.running_config()))
    with virtual.open() as device:
        device.discard()
    assert not [name for name in virtual.lab.do(lambda router: router.flash.files) if "spokesman-" in name]
