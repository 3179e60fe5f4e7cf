"""NAPALM's ios driver, unpatched, does to a virtual router what it does to a real one."""

from __future__ import annotations

from typing import Any

import netmiko
import pytest
from napalm.base.exceptions import CommandErrorException, ConnectionException, ReplaceConfigException
from netmiko.exceptions import NetmikoAuthenticationException, ReadTimeout

from agent.lab.config import ConfigTree
from agent.lab.router import VirtualRouter
from tests.lab.conftest import PASSWORD, STARTUP, Lab, eventually

pytestmark = pytest.mark.lab


def candidate(lab: Lab, old: str = "hostname lab-r1", new: str = "hostname lab-r2") -> str:
    text = lab.router.running.render()
    assert old in text
    return text.replace(old, new)


def test_facts_and_configuration(lab: Lab, device: Any) -> None:
    facts = device.get_facts()
    assert facts["hostname"] == "lab-r1"
    assert facts["fqdn"] == "lab-r1.lab.invalid"
    assert facts["serial_number"] == "FCZ0000A0B1"
    assert facts["model"] == "C1111-8P"
    assert "Version 17.9.1" in facts["os_version"]
    assert "GigabitEthernet0/0/0" in facts["interface_list"]
    shown = device.get_config(retrieve="running")["running"]
    assert shown.rstrip().endswith("end")
    assert ConfigTree.parse(shown.replace("^C", "\x03")) == lab.router.running
    assert device.is_alive() == {"is_alive": True}


def test_ping(device: Any) -> None:
    assert device.ping("198.51.100.10")["success"]["packet_loss"] == 0
    assert device.ping("192.0.2.1")["success"]["packet_loss"] == 5


def test_a_change_is_confirmed(lab: Lab, device: Any) -> None:
    device.load_replace_candidate(config=candidate(lab))
    assert device.compare_config() == "+hostname lab-r2\n-hostname lab-r1"
    device.commit_config(revert_in=120)
    assert lab.router.hostname == "lab-r2"
    assert device.has_pending_commit()
    assert lab.router.startup is not None
    assert "lab-r2" not in lab.router.startup
    device.confirm_commit()
    assert not device.has_pending_commit()
    assert "hostname lab-r2" in lab.router.startup
    device.close()
    assert not lab.router.running.has("file prompt")


def test_a_change_that_is_not_confirmed_reverts_by_itself(lab: Lab, device: Any) -> None:
    before = lab.router.running
    device.load_replace_candidate(config=candidate(lab, "ip ssh version 2", "ip ssh version 2\nntp authenticate"))
    device.commit_config(revert_in=60)
    assert lab.router.running.has("ntp authenticate")
    assert eventually(lambda: not lab.router.running.has("ntp authenticate"))
    assert not device.has_pending_commit()
    assert [line for line in lab.router.running.lines if line.text != "file prompt quiet"] == list(before.lines)


def test_a_change_is_taken_back(lab: Lab, device: Any) -> None:
    device.load_replace_candidate(config=candidate(lab))
    device.commit_config(revert_in=7200)
    device.rollback()
    assert lab.router.hostname == "lab-r1"
    assert not device.has_pending_commit()


def test_rollback_after_a_commit_uses_the_file(lab: Lab, device: Any) -> None:
    device.load_replace_candidate(config=candidate(lab))
    device.commit_config()
    assert lab.router.hostname == "lab-r2"
    device.rollback()
    assert lab.router.hostname == "lab-r1"


def test_merge(lab: Lab, device: Any) -> None:
    device.load_merge_candidate(config="ntp authenticate\nntp trusted-key 1\nend\n")
    assert device.compare_config().splitlines() == ["+ntp authenticate", "+ntp trusted-key 1"]
    device.commit_config()
    assert lab.router.running.has("ntp trusted-key 1")


def test_a_merge_that_goes_over_inline(lab: Lab) -> None:
    """No SCP: the driver writes the file in the Tcl shell, and proves it by MD5."""
    device = lab.driver(inline_transfer=True)
    device.open()
    device.load_merge_candidate(config="ntp authenticate\nntp trusted-key 1\nend\n")
    assert device.compare_config().splitlines() == ["+ntp authenticate", "+ntp trusted-key 1"]
    device.commit_config()
    assert lab.router.running.has("ntp trusted-key 1")


def test_a_rejected_line_changes_nothing(lab: Lab, device: Any) -> None:
    device.load_replace_candidate(config=candidate(lab, "hostname lab-r1", "hostname lab-r2\nfrobnicate"))
    with pytest.raises(ReplaceConfigException, match="Failed to apply command frobnicate"):
        device.commit_config(revert_in=120)
    assert lab.router.hostname == "lab-r1"
    assert not device.has_pending_commit()


def test_an_injected_rejection_hits_a_line_that_the_platform_has(lab: Lab, device: Any) -> None:
    lab.do(lambda router: router.faults.reject.append("ntp authenticate"))
    device.load_replace_candidate(config=candidate(lab, "ip ssh version 2", "ip ssh version 2\nntp authenticate"))
    with pytest.raises(ReplaceConfigException, match="ntp authenticate"):
        device.commit_config(revert_in=120)


def test_a_full_flash(lab: Lab, device: Any) -> None:
    def fill(router: Any) -> None:
        router.flash.base = router.flash.size - 10

    lab.do(fill)
    with pytest.raises(ReplaceConfigException, match="Insufficient space"):
        device.load_replace_candidate(config=candidate(lab))


def test_scp_must_be_enabled(lab: Lab, device: Any) -> None:
    device.device.send_config_set(["no ip scp server enable"])
    with pytest.raises(CommandErrorException, match="SCP file transfers are not enabled"):
        device.load_replace_candidate(config=candidate(lab, "ip ssh version 2", "ip ssh version 2\nntp authenticate"))


def test_scp_wants_a_login_that_lands_at_15(lab: Lab) -> None:
    driver = lab.driver("guest", force_no_enable=False)
    driver.open()
    driver.device.enable()
    with pytest.raises(Exception, match="Privilege denied"):
        driver.load_replace_candidate(config=candidate(lab))
    assert "candidate_config.txt" not in lab.router.flash.files


@pytest.mark.parametrize(("user", "password"), [("admin", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_login_is_refused(lab: Lab, user: str, password: str) -> None:
    connect = {"host": "127.0.0.1", "port": lab.server.port, "device_type": "cisco_ios"}
    with pytest.raises(NetmikoAuthenticationException):
        netmiko.ConnectHandler(**connect, username=user, password=password)


def test_a_hang_in_the_middle_of_output(lab: Lab, device: Any) -> None:
    lab.do(lambda router: router.faults.hang.update({"show running-config": 200}))
    with pytest.raises(ReadTimeout):
        device.device.send_command("show running-config", read_timeout=1.5)


def test_truncated_output_looks_complete_to_the_libraries(lab: Lab, device: Any) -> None:
    lab.do(lambda router: router.faults.truncate.update({"show running-config": 400}))
    shown = device.get_config(retrieve="running")["running"]
    assert not shown.rstrip().endswith("end")


def test_a_banner_like_the_prompt_and_a_stall_cut_the_output_short(lab: Lab, device: Any) -> None:
    def prepare(router: Any) -> None:
        router.merge("banner motd ^\nlab-r1#\n^\n")
        router.faults.stall["show running-config"] = ("lab-r1#", 1.5)

    lab.do(prepare)
    shown = device.device.send_command("show running-config")
    assert "end" not in shown.split()


def test_an_unreachable_router_is_silent(lab: Lab, device: Any) -> None:
    lab.world.reachable = False
    with pytest.raises(ReadTimeout):
        device.device.send_command("show clock", read_timeout=1, cmd_verify=False, expect_string="#")
    with pytest.raises(ConnectionException):
        lab.driver(timeout=2, conn_timeout=1, banner_timeout=1).open()
    lab.world.reachable = True
    assert lab.driver().open() is None


def test_a_session_does_not_outlive_the_power(lab: Lab, device: Any) -> None:
    lab.do(lambda router: router.power_off())
    lab.do(lambda router: router.power_on())
    assert eventually(lambda: not device.device.remote_conn.transport.is_active())


def test_the_host_key_stays_over_a_reload_and_changes_with_the_box(lab: Lab) -> None:
    def key() -> bytes:
        driver = lab.driver()
        driver.open()
        blob: bytes = driver.device.remote_conn_pre.get_transport().get_remote_server_key().asbytes()
        return blob

    first = key()
    lab.do(lambda router: router.reload(seconds=0))
    assert key() == first
    lab.do(lambda router: router.replace_by_blank("FCZ0000Z9Z9"))
    lab.do(lambda router: router.power_off())
    lab.do(provision)
    assert key() != first


def provision(router: VirtualRouter) -> None:
    router.startup = STARTUP
    router.reload(seconds=0)


def test_the_state_survives_the_lab_process(lab: Lab, device: Any, tmp_path: Any) -> None:
    device.load_replace_candidate(config=candidate(lab))
    device.commit_config(revert_in=7200)
    lab.do(lambda router: router.keep())
    again = type(lab.router)("r1", lab.router.chassis, clock=lab.router.clock, directory=tmp_path)
    assert again.running == lab.router.running
    assert again.revert == lab.router.revert
    assert again.flash.files == lab.router.flash.files
    assert again.host_key == lab.router.host_key
    assert again.up
