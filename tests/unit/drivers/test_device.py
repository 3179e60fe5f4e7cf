"""The ordinary life of a session with a router, over real SSH and SCP."""

from __future__ import annotations

from typing import Any

import pytest

from agent.errors import CommandRejected, DiskFull, NothingPending

CHANGE = "ntp server 10.0.0.1\nend\n"


def changed(script: Any) -> str:
    return str(script.running.replace("end\n", CHANGE))


def test_facts_are_read(devices: Any, site: Any) -> None:
    with devices.open(site) as device:
        facts = device.facts()
    assert (facts.hostname, facts.serial, facts.model) == ("acme-lee-r1", "FCZ0000A0B2", "C1111-8P")
    assert (facts.version, facts.uptime_s) == ("17.09.04a", (9 * 24 + 3) * 3600 + 240)


def test_the_whole_change_goes_through_and_leaves_nothing_on_flash(devices: Any, site: Any, script: Any) -> None:
    wanted = changed(script)
    with devices.open(site) as device:
        before = device.running_config()
        device.load_replace(wanted)
        assert script.flash == {"spokesman-candidate.cfg": wanted.encode()}
        assert "+ntp server" in device.compare()
        device.commit(61)
        assert device.pending_revert()
        device.confirm()
        assert not device.pending_revert()
        device.discard()
        assert device.running_config() == device.startup_config() == wanted
    assert before == script.running.replace(CHANGE, "end\n")
    assert script.startup == script.running == wanted
    assert script.flash == {}
    assert "configure replace flash:/spokesman-candidate.cfg force revert trigger error timer 2" in script.seen


def test_nothing_is_configured_besides_the_change(devices: Any, site: Any, script: Any) -> None:
    with devices.open(site) as device:
        device.load_replace(changed(script))
        device.commit(60)
        device.revert_now()
    assert not [line for line in script.seen if line.startswith(("configure terminal", "file prompt", "copy "))]
    assert "write memory" not in script.seen


def test_revert_now_takes_the_change_back(devices: Any, site: Any, script: Any) -> None:
    before = script.running
    with devices.open(site) as device:
        device.load_replace(changed(script))
        device.commit(60)
        assert script.running != before
        device.revert_now()
        assert not device.pending_revert()
    assert script.running == before


@pytest.mark.parametrize("action", ["confirm", "revert_now"])
def test_with_nothing_pending_there_is_nothing_to_end(devices: Any, site: Any, action: str) -> None:
    with devices.open(site) as device, pytest.raises(NothingPending):
        getattr(device, action)()


@pytest.mark.parametrize("action", ["confirm", "revert_now"])
def test_the_change_of_somebody_else_is_left_alone(devices: Any, site: Any, script: Any, action: str) -> None:
    script.pending_by = "mallory"
    with devices.open(site) as device, pytest.raises(CommandRejected, match="mallory"):
        getattr(device, action)()
    assert not {"configure confirm", "configure revert now"} & set(script.seen)


def test_no_commit_over_a_change_that_waits(devices: Any, site: Any, script: Any) -> None:
    with devices.open(site) as device:
        device.load_replace(changed(script))
        script.pending_by = "mallory"
        with pytest.raises(CommandRejected, match="mallory"):
            device.commit(60)
    assert not [line for line in script.seen if line.startswith("configure replace")]


def test_a_rejected_line_is_named_without_secrets(devices: Any, site: Any, script: Any) -> None:
    before = script.running
    with devices.open(site) as device:
        device.load_replace(script.running.replace("end\n", "nonsense here\nend\n"))
        with pytest.raises(CommandRejected, match=r"nonsense here|Rollback aborted") as caught:
            device.commit(60)
    assert "Planted" not in str(caught.value)
    assert script.running == before


def test_a_rejected_line_that_holds_a_secret_is_named_without_it(devices: Any, site: Any, script: Any) -> None:
    with devices.open(site) as device:
        device.load_replace(script.running.replace("end\n", "nonsense password Planted-Psk-8\nend\n"))
        with pytest.raises(CommandRejected, match=r"nonsense password \*\*\*") as caught:
            device.commit(60)
        script.answers["show secrets"] = "password Planted-Psk-8\n% Incomplete command.\n"
        with pytest.raises(CommandRejected, match="Incomplete") as shown:
            device.show("show secrets")
    assert "Planted" not in f"{caught.value}{shown.value}"


def test_a_rejected_change_that_still_waits_is_reverted(devices: Any, site: Any, script: Any) -> None:
    script.waits_after_error = True
    before = script.running
    with devices.open(site) as device:
        device.load_replace(script.running.replace("end\n", "nonsense here\nend\n"))
        with pytest.raises(CommandRejected):
            device.commit(60)
        assert not device.pending_revert()
    assert "configure revert now" in script.seen
    assert script.running == before


def test_a_full_flash_is_seen_before_anything_is_sent(devices: Any, site: Any, script: Any) -> None:
    script.free = 1000
    with devices.open(site) as device, pytest.raises(DiskFull, match="delete old images"):
        device.load_replace(changed(script))
    assert script.flash == {}


def test_discarding_nothing_is_fine(devices: Any, site: Any) -> None:
    with devices.open(site) as device:
        device.discard()


def test_ping_and_show(devices: Any, site: Any) -> None:
    with devices.open(site) as device:
        result = device.ping("10.255.8.1", vrf="CORPORATE", source="Vlan10")
        assert (result.sent, result.received, result.average_ms) == (5, 5, 2.0)
        assert "uptime is" in device.show("show version")
        with pytest.raises(CommandRejected, match="Invalid input"):
            device.show("show nonsense")


def test_an_snmp_user_is_created_and_never_named_with_its_secrets(devices: Any, site: Any, script: Any) -> None:
    line = "snmp-server user nms OPS v3 auth sha Planted-Auth-1 priv aes 128 Planted-Priv-1"
    with devices.open(site) as device:
        device.set_snmp_user(line)
        assert device.snmp_users() == {"nms (sha, aes128)"}
        with pytest.raises(CommandRejected) as caught:
            device.set_snmp_user(line.replace("nms OPS", "other nosuch"))
        with pytest.raises(CommandRejected, match=r"no SNMP user nms \(sha512, aes256\) after it was created"):
            device.set_snmp_user(line.replace("auth sha", "auth sha-2 512").replace("aes 128", "aes 256"))
    assert "Planted" not in str(caught.value)
