"""Exec mode: files, saving, replacing, reverting, reloading, showing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from agent.lab.config import ConfigTree
from agent.lab.ios.shell import Shell
from agent.lab.router import VirtualRouter
from tests.unit.lab_ios.conftest import SECRET, Hands

Say = Callable[..., str]
REPLACE = "configure replace bootflash:/c force revert trigger error"


def put(router: VirtualRouter, name: str, text: str) -> None:
    router.flash.write(name, text.encode(), router.clock.now())


def test_show_version_names_the_box(say: Say) -> None:
    said = say("show version")
    assert "Processor board ID FCZ0000A0B1" in said
    assert "cisco C1111-8P (1RU) processor" in said
    assert "lab-r1 uptime is 0 minutes" in said


def test_pipes(say: Say) -> None:
    assert say("show running-config | inc ip scp server enable") == "ip scp server enable\n"
    assert say("show run | section archive").splitlines()[0] == "archive"
    assert say("show run | begin line vty").startswith("line vty 0 4\n")
    assert "hostname" not in say("show run | exclude hostname")
    assert say("show run | inc (") == "% Failed to compile regular expression.\n"


def test_the_header_counts_the_bytes(say: Say) -> None:
    head, _, body = say("show running-config").partition(" bytes\n")
    assert int(head.rsplit(" ", 1)[1]) == len(body) - 1
    assert body.rstrip().endswith("end")


def test_files(router: VirtualRouter, say: Say) -> None:
    say("conf t", "file prompt quiet", "end")
    assert "bytes copied" in say("copy running-config bootflash:/x.txt")
    data = router.flash.files["x.txt"]
    assert "Directory of bootflash:/x.txt" in say("dir bootflash:/x.txt")
    assert f"= {hashlib.md5(data, usedforsecurity=False).hexdigest()}" in say("verify /md5 bootflash:/x.txt")
    assert say("more flash:x.txt").encode() == data
    assert "No such file" in say("dir bootflash:/y.txt")
    assert say("delete bootflash:x.txt") == ""
    assert "No such file" in say("delete bootflash:x.txt")


def test_copy_asks_unless_told_to_be_quiet(router: VirtualRouter, shell: Shell, say: Say) -> None:
    say("copy running-config bootflash:/x.txt")
    assert shell.prompt == "Destination filename [x.txt]? "
    assert "bytes copied" in say("")
    assert "x.txt" in router.flash.files


def test_a_full_flash_says_so(router: VirtualRouter, say: Say) -> None:
    say("conf t", "file prompt quiet", "end")
    router.flash.base = router.flash.size
    assert "No space left on device" in say("copy running-config bootflash:/x.txt")
    assert "(0 bytes free)" in say("dir")


def test_replace_reaches_the_file_exactly(router: VirtualRouter, say: Say) -> None:
    target = router.running.render().replace("hostname lab-r1", "hostname lab-r2").replace("ntp", "ntp")
    target = target.replace(
        "interface GigabitEthernet0/0/1\n no ip address", "interface GigabitEthernet0/0/1\n ip address dhcp"
    )
    put(router, "c", target)
    assert say("show archive config differences system:running-config bootflash:/c").splitlines()[1:] == [
        "+hostname lab-r2",
        "interface GigabitEthernet0/0/1",
        "+ ip address dhcp",
        "- no ip address",
        "-hostname lab-r1",
    ]
    assert "Rollback Done" in say(REPLACE)
    assert router.running == ConfigTree.parse(target)
    assert "Total number of passes: 0" in say(REPLACE)


def test_a_rejected_line_restores_what_was_there(router: VirtualRouter, say: Say) -> None:
    before = router.running
    put(router, "c", before.render().replace("hostname lab-r1", "hostname lab-r2\nfrobnicate all"))
    said = say(REPLACE + " timer 5")
    assert "Failed to apply command frobnicate all" in said
    assert "The original configuration has been successfully restored." in said
    assert router.running == before
    assert router.revert is None


def test_without_the_trigger_the_rest_is_applied_and_ios_only_complains(router: VirtualRouter, say: Say) -> None:
    put(router, "c", router.running.render().replace("hostname lab-r1", "hostname lab-r2\nfrobnicate all"))
    said = say("configure replace bootflash:/c force")
    assert "Rollback aborted after 5 passes" in said
    assert router.hostname == "lab-r2"


def test_a_line_that_is_shown_differently_never_becomes_equal(router: VirtualRouter, say: Say) -> None:
    put(router, "c", router.running.render().replace("archive\n", "username bob secret 0 Some-Word-1\narchive\n"))
    said = say(REPLACE)
    assert "Rollback aborted after 5 passes" in said
    assert "failed to apply" not in said
    assert router.running.has("username bob")


@pytest.mark.parametrize("text", ["hostname x\n", "", "Using 10 out of 20 bytes\nend\n", "banner motd ^ open\nend\n"])
def test_what_is_no_configuration_is_not_tried(router: VirtualRouter, say: Say, text: str) -> None:
    before = router.running
    put(router, "c", text)
    assert "not a valid config file" in say(REPLACE)
    assert router.running is before


def test_replace_needs_an_archive(router: VirtualRouter, say: Say) -> None:
    say("conf t", "no archive", "end")
    put(router, "c", router.running.render())
    assert "%Please turn config archive on" in say(REPLACE)
    assert say("show archive") == "Archive feature not enabled\n"


def test_the_timer_fires_unless_confirmed(router: VirtualRouter, hands: Hands, say: Say) -> None:
    put(router, "c", router.running.render().replace("hostname lab-r1", "hostname lab-r2"))
    say(REPLACE + " timer 2")
    said = say("show archive config rollback timer")
    assert "Timer value: 2 min\nUser: admin\n" in said
    assert "already in progress" in say(REPLACE + " timer 2")
    hands.seconds += 119
    router.tick()
    assert router.hostname == "lab-r2"
    hands.seconds += 2
    router.tick()
    assert router.hostname == "lab-r1"
    assert say("show archive config rollback timer") == "%No Rollback Confirmed Change pending\n"


def test_a_confirmed_change_stays(router: VirtualRouter, hands: Hands, say: Say) -> None:
    put(router, "c", router.running.render().replace("hostname lab-r1", "hostname lab-r2"))
    say(REPLACE + " timer 2", "configure confirm")
    hands.seconds += 600
    router.tick()
    assert router.hostname == "lab-r2"
    assert "No Rollback Confirmed Change pending" in say("configure confirm")


def test_configure_terminal_revert_timer(router: VirtualRouter, hands: Hands, say: Say) -> None:
    say("configure terminal revert timer 1", "hostname other", "end")
    assert router.hostname == "other"
    assert "Rollback Done" in say("configure revert now")
    assert router.hostname == "lab-r1"
    say("configure terminal revert timer 1", "hostname other", "end", "configure revert timer 10")
    hands.seconds += 120
    router.tick()
    assert router.hostname == "other"
    hands.seconds += 500
    router.tick()
    assert router.hostname == "lab-r1"


def test_a_reload_ends_the_timer_and_boots_what_was_saved(router: VirtualRouter, hands: Hands, say: Say) -> None:
    boots = router.boots
    say("configure terminal revert timer 5", "hostname other", "end", "reload")
    say("no", "")
    assert router.revert is None
    assert router.uptime == 0.0
    hands.seconds += 200
    assert router.uptime > 0.0
    assert (router.hostname, router.boots) == ("lab-r1", boots + 1)
    hands.seconds += 600
    router.tick()
    assert router.hostname == "lab-r1"


def test_power_takes_what_was_not_saved(router: VirtualRouter, hands: Hands, say: Say) -> None:
    say("conf t", "hostname other", "snmp-server user u G v3 auth sha Auth-Word-1", "end")
    states = []
    for power in (router.power_off, router.power_on):
        power()
        states.append(router.up)
    hands.seconds += 200
    states.append(router.up)
    assert states == [False, False, True]
    assert (router.hostname, router.snmp_users) == ("lab-r1", {})


def test_a_blank_replacement_knows_nothing(router: VirtualRouter, hands: Hands) -> None:
    key, engine = router.host_key, router.engine_id
    router.replace_by_blank("FCZ0000Z9Z9")
    hands.seconds += 200
    assert router.hostname == "Router"
    assert router.startup is None
    assert router.flash.files == {}
    assert router.host_key != key
    assert router.engine_id != engine
    assert router.boots == 1


def test_write_erase_asks_and_erases(router: VirtualRouter, shell: Shell, say: Say) -> None:
    say("write erase")
    assert "Continue? [confirm]" in shell.prompt
    assert "[OK]" in say("")
    assert say("show startup-config") == "startup-config is not present\n"


def test_the_moments_of_change_and_saving(router: VirtualRouter, hands: Hands, say: Say) -> None:
    hands.seconds += 50
    say("conf t", "hostname other", "end")
    changed = router.clock.now()
    hands.seconds += 50
    say("write memory")
    assert (router.running_changed, router.running_saved, router.startup_changed) == (
        changed,
        changed + 50,
        changed + 50,
    )
    assert "! Last configuration change at" in say("show running-config")


def test_enable_wants_the_secret(router: VirtualRouter) -> None:
    shell = Shell(router, "guest", 1)
    assert "%" in shell.feed("configure terminal").text
    shell.feed("enable")
    assert (shell.prompt, shell.echo) == ("Password: ", False)
    for _ in range(3):
        reply = shell.feed("wrong")
    assert "% Bad secrets" in reply.text
    shell.feed("enable")
    shell.feed(SECRET)
    assert shell.prompt == "lab-r1#"


def test_ping(say: Say) -> None:
    assert "Success rate is 100 percent (5/5)" in say("ping 198.51.100.10 timeout 2 size 100 repeat 5")
    assert "Success rate is 0 percent (0/3)" in say("ping 192.0.2.1 repeat 3")
    assert say("ping vrf NONE 192.0.2.1").startswith("% VRF NONE does not exist")


def test_changes_are_told_once(router: VirtualRouter, say: Say) -> None:
    told: list[int] = []
    router.watchers.append(lambda changed: told.append(changed.generation))
    say("conf t", "hostname other", "hostname other", "end", "show version")
    assert len(told) == 1


@pytest.mark.parametrize(
    "line", ["", "   ", "|", "| inc x", "show", "show run |", "\x00", "é", "copy", "ping", "%s%n", "a" * 5000]
)
def test_odd_lines_do_no_harm(router: VirtualRouter, say: Say, line: str) -> None:
    before = router.running
    say(line)
    assert router.running is before
