"""Devices that refuse, hang, trickle, flood, cut off, lie about where an answer ends, or are not who they should be."""

from __future__ import annotations

import logging
import socket
import time
from dataclasses import replace
from typing import Any

import paramiko
import pytest

from agent.errors import (
    AuthenticationRefused,
    CommandRejected,
    CommitOutcomeUnknown,
    DeviceTimeout,
    DiskFull,
    HostKeyRefused,
    IncompleteOutput,
    Unreachable,
    WrongDevice,
)
from agent.provisioning.ports import Enrolment
from inventory import Secret

CHANGE = "ntp server 10.0.0.1\nend\n"
REPLACE = "configure replace flash:/spokesman-candidate.cfg force revert trigger error timer 1"


def hang(client: Any) -> None:
    client.wait()


def trickle(client: Any) -> None:
    while True:
        client.write(b".")
        time.sleep(0.05)


def flood(client: Any) -> None:
    while True:
        client.write(b"spam " * 10_000)


def cut(client: Any) -> None:
    client.write(b"Build")
    client.cut()


def quick(devices: Any, **limits: float) -> Any:
    return replace(devices, limits=replace(devices.limits, **limits))


def enrolled_with(devices: Any, host_key: str, serial: str = "FCZ0000A0B2") -> None:
    before = devices.enrolments.enrolment("acme-lee-r1")
    devices.enrolments.enrol(Enrolment(before.router, serial, host_key, before.at, before.by))


def public(key: Any) -> str:
    return f"{key.get_name()} {key.get_base64()}"


def test_the_key_that_answers_can_be_asked_for_without_a_login(devices: Any, site: Any, router: Any) -> None:
    assert devices.host_key(site) == router.host_key


def test_a_router_that_is_not_enrolled_is_refused(devices: Any, site: Any) -> None:
    devices.enrolments.known.clear()
    with pytest.raises(HostKeyRefused, match="spokesman enrol acme-lee-r1"), devices.open(site):
        pass


def test_a_changed_key_is_refused_before_the_password_is_sent(devices: Any, site: Any, keys: Any, script: Any) -> None:
    enrolled_with(devices, public(keys[1]))
    with pytest.raises(HostKeyRefused, match=r"SHA256:.*enrolled is .*SHA256:") as caught, devices.open(site):
        pass
    assert "spokesman enrol acme-lee-r1 --replace" in str(caught.value)
    assert script.seen == []


def test_a_key_of_another_kind_is_refused_too(devices: Any, site: Any) -> None:
    enrolled_with(devices, public(paramiko.RSAKey.generate(2048)))
    with pytest.raises(HostKeyRefused), devices.open(site):
        pass


def test_a_record_that_is_no_key_is_refused(devices: Any, site: Any) -> None:
    enrolled_with(devices, "ssh-ed25519 not-base64")
    with pytest.raises(HostKeyRefused, match="spokesman enrol"), devices.open(site):
        pass


def test_a_wrong_password_is_told_without_it(devices: Any, site: Any) -> None:
    wrong = replace(devices, secrets=lambda *_: Secret("Planted-Wrong-1"))
    with pytest.raises(AuthenticationRefused) as caught, wrong.open(site):
        pass
    assert "Planted" not in str(caught.value)


def test_a_login_below_privilege_15_is_refused(devices: Any, site: Any, script: Any) -> None:
    script.prompt_end = ">"
    with pytest.raises(AuthenticationRefused, match="privilege 15"), devices.open(site):
        pass


def test_another_router_is_refused(devices: Any, site: Any, script: Any, router: Any) -> None:
    script.serial = "FCZ9999A0B2"
    with pytest.raises(WrongDevice, match="FCZ9999A0B2"), devices.open(site):
        pass
    with devices.open_with_key(site, router.host_key) as device:
        assert device.facts().serial == "FCZ9999A0B2"
    script.serial, script.hostname = "FCZ0000A0B2", "other-r1"
    with pytest.raises(WrongDevice, match="other-r1"), devices.open(site):
        pass


def test_nobody_there(devices: Any, site: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = replace(devices, reached=lambda *_: free.getsockname())
        with pytest.raises(Unreachable, match="refused"), nobody.open(site):
            pass
        with pytest.raises(Unreachable):
            nobody.host_key(site)


def test_a_device_that_accepts_and_says_nothing(devices: Any, site: Any) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        quiet = quick(replace(devices, reached=lambda *_: silent.getsockname()), connect_s=1, login_s=3)
        with pytest.raises((Unreachable, DeviceTimeout)), quiet.open(site):
            pass
        with pytest.raises(Unreachable):
            quiet.host_key(site)


@pytest.mark.parametrize("fault", [hang, trickle, flood, cut])
@pytest.mark.parametrize("command", ["terminal length 0", "show version"])
def test_a_bad_peer_at_login(devices: Any, site: Any, script: Any, fault: Any, command: str) -> None:
    script.faults[command] = fault
    with pytest.raises((DeviceTimeout, Unreachable)), quick(devices, login_s=2, command_s=2).open(site):
        pass


@pytest.mark.parametrize("fault", [hang, trickle, flood, cut])
def test_a_bad_peer_in_the_middle(devices: Any, site: Any, script: Any, fault: Any) -> None:
    with quick(devices, configuration_s=2).open(site) as device:
        script.faults["show running-config"] = fault
        with pytest.raises(DeviceTimeout) as caught:
            device.running_config()
        assert not isinstance(caught.value, CommitOutcomeUnknown)
        with pytest.raises(DeviceTimeout):  # the session is closed, not out of step
            device.facts()


@pytest.mark.parametrize("fault", [hang, cut])
def test_a_bad_peer_during_the_upload(devices: Any, site: Any, script: Any, fault: Any) -> None:
    script.faults["scp"] = fault
    with quick(devices, transfer_s=4).open(site) as device, pytest.raises(DeviceTimeout):
        device.load_replace(script.running)
    assert script.flash == {}


def test_flash_that_runs_full_during_the_upload(devices: Any, site: Any, script: Any) -> None:
    def full(client: Any) -> None:
        client.write(b"\x01scp: flash:/spokesman-candidate.cfg: No space left on device\n")
        client.end(1)

    script.faults["scp"] = full
    with devices.open(site) as device, pytest.raises(DiskFull):
        device.load_replace(script.running)


def test_an_upload_that_arrives_damaged(devices: Any, site: Any, script: Any) -> None:
    script.answers["verify /md5 flash:/spokesman-candidate.cfg"] = (
        "verify /md5 (x) = 0123456789abcdef0123456789abcdef\n"
    )
    with devices.open(site) as device, pytest.raises(IncompleteOutput, match="nothing was changed"):
        device.load_replace(script.running)


def test_a_device_without_scp(devices: Any, site: Any, script: Any) -> None:
    script.answers["show running-config | inc ip scp server enable"] = "\n"
    with devices.open(site) as device, pytest.raises(CommandRejected, match="ip scp server enable"):
        device.load_replace(script.running)


def test_a_device_without_an_archive(devices: Any, site: Any, script: Any) -> None:
    with devices.open(site) as device:
        device.load_replace(script.running)
        script.answers["show archive"] = "Archive feature not enabled\n"
        with pytest.raises(CommandRejected, match="archive"):
            device.commit(60)
    assert REPLACE not in script.seen


@pytest.mark.parametrize("fault", [hang, trickle, cut])
def test_silence_after_the_commit_is_not_a_refusal(devices: Any, site: Any, script: Any, fault: Any) -> None:
    with quick(devices, change_s=2).open(site) as device:
        device.load_replace(script.running)
        script.faults[REPLACE] = fault
        with pytest.raises(CommitOutcomeUnknown):
            device.commit(60)


def test_silence_before_the_commit_is_not_an_unknown_outcome(devices: Any, site: Any, script: Any) -> None:
    with quick(devices, change_s=2).open(site) as device:
        device.load_replace(script.running)
        script.faults["show archive"] = hang
        with pytest.raises(DeviceTimeout) as caught:
            device.commit(60)
        assert not isinstance(caught.value, CommitOutcomeUnknown)
    assert REPLACE not in script.seen


@pytest.mark.parametrize("command", ["configure confirm", "configure revert now"])
def test_silence_after_confirm_or_revert(devices: Any, site: Any, script: Any, command: str) -> None:
    with devices.open(site) as device:
        device.load_replace(script.running)
        device.commit(60)
        script.faults[command] = cut
        with pytest.raises(CommitOutcomeUnknown):
            (device.confirm if command == "configure confirm" else device.revert_now)()


def test_a_replace_that_arms_no_timer_is_not_trusted(devices: Any, site: Any, script: Any) -> None:
    script.answers[REPLACE] = "Total number of passes: 1\nRollback Done\n"
    with devices.open(site) as device:
        device.load_replace(script.running)
        with pytest.raises(CommitOutcomeUnknown, match="no revert timer"):
            device.commit(60)


@pytest.mark.parametrize("answer", ["", "% Invalid input detected at '^' marker.\n", "Timer type: absolute timer\n"])
def test_no_word_on_a_pending_change_does_not_mean_none(devices: Any, site: Any, script: Any, answer: str) -> None:
    with devices.open(site) as device:
        device.load_replace(script.running)
        script.answers["show archive config rollback timer"] = answer
        with pytest.raises(IncompleteOutput):
            device.commit(60)
    assert REPLACE not in script.seen


def test_a_confirm_that_does_not_stop_the_timer_is_not_trusted(devices: Any, site: Any, script: Any) -> None:
    script.answers["configure confirm"] = ""
    with devices.open(site) as device:
        device.load_replace(script.running)
        device.commit(60)
        with pytest.raises(CommandRejected, match="still waits"):
            device.confirm()
    assert "write memory" not in script.seen


def test_a_save_that_saves_nothing_is_not_trusted(devices: Any, site: Any, script: Any) -> None:
    wanted = script.running.replace("end\n", CHANGE)
    with devices.open(site) as device:
        device.load_replace(wanted)
        device.commit(60)
        script.answers["write memory"] = "Building configuration...\n[OK]\n"
        with pytest.raises(IncompleteOutput, match="not what runs"):
            device.confirm()


def test_a_banner_that_looks_like_the_prompt_does_not_end_the_answer(devices: Any, site: Any, script: Any) -> None:
    whole = script.running.replace("end\n", "banner login ^C\nwelcome to\nacme-lee-r1#\n^C\nend\n")

    def stall(client: Any) -> None:
        head, tail = whole.split("acme-lee-r1#\n")
        text = f"Building configuration...\n\nCurrent configuration : {len(whole)} bytes\n{head}acme-lee-r1#"
        client.write(text.replace("\n", "\r\n").encode())
        time.sleep(0.5)
        client.write(f"\n{tail}acme-lee-r1#".replace("\n", "\r\n").encode())

    with devices.open(site) as device:
        script.faults["show running-config"] = stall
        assert device.running_config() == whole


def truncated(text: str) -> Any:
    def answer(client: Any) -> None:
        client.write(f"{text}acme-lee-r1#".replace("\n", "\r\n").encode())

    return answer


@pytest.mark.parametrize("kept", ["", "!\n", "!\nversion 17.9\nhostname acme-lee-r1\n!\ncrypto ikev2 keyr\n"])
def test_a_configuration_without_its_end_is_not_used(devices: Any, site: Any, script: Any, kept: str) -> None:
    with devices.open(site) as device:
        script.faults["show running-config"] = truncated(kept)
        with pytest.raises(IncompleteOutput):
            device.running_config()


def test_a_configuration_with_a_hole_is_not_used(devices: Any, site: Any, script: Any) -> None:
    script.running = script.running.replace("end\n", "".join(f"ntp server 10.0.0.{n}\n" for n in range(200)) + "end\n")
    lines = script.shown("running").splitlines(keepends=True)
    with devices.open(site) as device:
        script.faults["show running-config"] = truncated("".join(lines[:60] + lines[-3:]))
        with pytest.raises(IncompleteOutput, match="bytes arrived of"):
            device.running_config()


def test_a_configuration_that_never_reads_the_same_twice_is_not_used(devices: Any, site: Any, script: Any) -> None:
    count = iter(range(10))

    def moving(client: Any) -> None:
        text = script.running.replace("end\n", f"ntp server 10.0.0.{next(count)}\nend\n")
        client.write(f"{text}acme-lee-r1#".replace("\n", "\r\n").encode())

    with devices.open(site) as device:
        script.faults["show running-config"] = moving
        with pytest.raises(IncompleteOutput, match="differ"):
            device.running_config()


def test_the_prompt_inside_a_line_does_not_end_an_answer(devices: Any, site: Any, script: Any) -> None:
    def quoting(client: Any) -> None:
        client.write(b"*Nov 21 10:00: somebody typed acme-lee-r1#")
        time.sleep(0.5)
        client.write(b"reload\r\nacme-lee-r1#")

    script.faults["show logging"] = quoting
    with devices.open(site) as device:
        assert device.show("show logging").endswith("somebody typed acme-lee-r1#reload")
        assert device.facts().hostname == "acme-lee-r1"


def test_an_answer_does_not_act_on_the_terminal_that_shows_it(devices: Any, site: Any, script: Any) -> None:
    script.answers["show clock"] = "\x1b]0;gotcha\x0710:00 \x1b[2J\n"
    with devices.open(site) as device:
        assert device.show("show clock") == "]0;gotcha10:00 [2J"


@pytest.mark.parametrize("command", ["write memory", "configure confirm"])
def test_a_question_in_between_is_confirmed(devices: Any, site: Any, script: Any, command: str) -> None:
    def ask(client: Any) -> None:
        client.write(b"Overwrite the previous NVRAM configuration?[confirm]")
        while client.read() not in {b"\n", b"\r"}:
            pass
        client.write(f"\r\n{script.answer(command)}acme-lee-r1#".replace("\n", "\r\n").encode())

    script.faults[command] = ask
    with devices.open(site) as device:
        device.load_replace(script.running)
        device.commit(60)
        device.confirm()
    assert script.startup == script.running


def test_an_answer_without_meaning(devices: Any, site: Any, script: Any) -> None:
    script.answers["show version"] = "no such luck\n"
    with pytest.raises(IncompleteOutput, match="not understood"), devices.open(site):
        pass


def test_only_show_commands_and_pings_and_users_are_sent(devices: Any, site: Any, script: Any) -> None:
    with devices.open(site) as device:
        sent = list(script.seen)
        with pytest.raises(CommandRejected, match="read-only"):
            device.show("show version\nreload")
        with pytest.raises(CommandRejected, match="ping"):
            device.ping("10.0.0.1 repeat 9999")
        with pytest.raises(CommandRejected, match="snmp-server user line"):
            device.set_snmp_user("snmp-server user a b c d\nreload")
        with pytest.raises(CommandRejected, match="120 minutes"):
            device.commit(7201)
        assert script.seen == sent


def test_no_secret_reaches_a_log(devices: Any, site: Any, script: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    with devices.open(site) as device:
        device.running_config()
        device.load_replace(script.running)
        device.set_snmp_user("snmp-server user nms OPS v3 auth sha Planted-Auth-1 priv aes 128 Planted-Priv-1")
    assert "Planted" not in caplog.text
