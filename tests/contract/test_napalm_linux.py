"""NAPALM's own use of the driver for linux_frr, which needs nothing of the agent: the real router and the stand-in."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import napalm
import pytest
from napalm.base import models
from napalm.base.exceptions import (
    CommandErrorException,
    CommandTimeoutException,
    CommitConfirmException,
    CommitError,
    ConnectAuthError,
    ConnectionClosedException,
    ConnectionException,
    MergeConfigException,
    ReplaceConfigException,
)
from napalm.base.test import helpers
from napalm.base.test.getters import BaseTestGetters

from device_templates.linux_frr.reading.document import Document, File, write
from tests.contract.dialects import FRR, LINUX, VPN
from tests.contract.linux_router import linux_router, until
from tests.contract.linux_stand_in import linux_stand_in
from tests.contract.napalm_driver import driver, session
from tests.contract.targets import Target

pytestmark = pytest.mark.lab


@pytest.fixture(params=[linux_router, linux_stand_in], ids=["linux_frr", "stand_in"])
def router(request: pytest.FixtureRequest) -> Iterator[Target]:
    with request.param() as found:
        yield found


def fits(model: Any, data: dict[str, Any]) -> bool:
    """Whether an answer has the form that NAPALM promises, by NAPALM's own helper."""
    return bool(helpers.test_model(model, data))


def test_napalm_finds_it() -> None:
    found = napalm.get_network_driver("linux_frr")
    assert issubclass(found, napalm.base.NetworkDriver)
    assert found is napalm.get_network_driver("custom_napalm.linux_frr")


def test_its_methods_are_called_as_those_of_all_drivers() -> None:
    BaseTestGetters.test_method_signatures(SimpleNamespace(driver=napalm.get_network_driver("linux_frr")))


def test_a_session(router: Target) -> None:
    with driver(router) as device:
        assert device.is_alive() == {"is_alive": True}
        facts = device.get_facts()
        assert fits(models.FactsDict, facts)
        assert (facts["hostname"], facts["serial_number"]) == (router.place.name, router.place.serial)
        assert "lo" in facts["interface_list"]
    assert device.is_alive() == {"is_alive": False}
    with pytest.raises(ConnectionClosedException):
        device.get_facts()


def test_what_it_does_not_accept(router: Target, other_key: str, tmp_path: Path, monkeypatch: Any) -> None:
    with pytest.raises(ConnectionException, match="another host key"), session(router, host_key=other_key):
        pass
    with pytest.raises(ConnectionException, match="not an SSH host key"), session(router, host_key="none"):
        pass
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConnectionException, match="known host key"), session(router, host_key=""):
        pass
    device = driver(router)
    device.password = "Some-Other-Login-9"
    with pytest.raises(ConnectAuthError):
        device.open()


def test_the_keys_that_its_user_knows_are_accepted(router: Target, tmp_path: Path, monkeypatch: Any) -> None:
    place = router.place
    name = place.address if place.port == 22 else f"[{place.address}]:{place.port}"
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/known_hosts").write_text(f"{name} {place.host_key}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with session(router, host_key="") as device:
        assert device.is_alive()["is_alive"]


def test_configurations(router: Target) -> None:
    with session(router) as device:
        config = device.get_config()
        assert fits(models.ConfigurationDict, config)
        assert router.says(config["running"]) == router.says(config["startup"])
        assert config["candidate"] == ""
        assert device.get_config("startup") == {"running": "", "candidate": "", "startup": config["startup"]}
        device.load_replace_candidate(config=LINUX.added(config["running"], LINUX.line))
        assert LINUX.line in device.get_config("candidate")["candidate"]
        clean = device.get_config(sanitized=True)["running"]
        assert "Planted" not in clean
        assert "$2b$" not in clean
        assert f'hostname = "{router.place.name}"' in clean
        device.discard_config()
        assert device.get_config("candidate")["candidate"] == ""


def test_interfaces_and_neighbours(router: Target) -> None:
    with session(router) as device:
        interfaces = device.get_interfaces()
        assert interfaces
        assert all(fits(models.InterfaceDict, one) for one in interfaces.values())
        for families in device.get_interfaces_ip().values():
            for addresses in families.values():
                assert all(ipaddress.ip_address(address) for address in addresses)
        neighbours = device.get_bgp_neighbors()
        assert set(neighbours) == {VPN}
        assert neighbours[VPN]["router_id"]


def test_cli(router: Target) -> None:
    with session(router) as device:
        shown = device.cli(["interfaces", f"bgp {VPN}"])
        assert '"ifname"' in shown["interfaces"]
        with pytest.raises(CommandErrorException):
            device.cli(["no-such-topic"])
        with pytest.raises(NotImplementedError):
            device.cli(["bgp"], encoding="json")


def test_replace_and_rollback(router: Target) -> None:
    with session(router) as device:
        before = device.get_config()["running"]
        assert device.compare_config() == ""
        with pytest.raises(CommitError):
            device.commit_config()
        device.load_replace_candidate(config=LINUX.added(before, LINUX.line))
        assert f"+{LINUX.line}" in device.compare_config()
        device.commit_config(message="a route for the contract")
        assert not device.has_pending_commit()
        assert LINUX.line in device.get_config()["running"]
        assert LINUX.line in device.get_config()["startup"]
        device.rollback()
        assert not device.has_pending_commit()
        assert LINUX.line not in device.get_config()["startup"]
        assert router.says(device.get_config()["running"]) == router.says(before)
        device.rollback()  # nothing was changed since
        assert router.says(device.get_config()["running"]) == router.says(before)


def test_replace_from_a_file(router: Target, tmp_path: Path) -> None:
    with session(router) as device:
        before = device.get_config()["running"]
        (tmp_path / "candidate").write_text(LINUX.added(before, LINUX.line))
        device.load_replace_candidate(filename=str(tmp_path / "candidate"))
        assert f"+{LINUX.line}" in device.compare_config()
        with pytest.raises(ReplaceConfigException):
            device.load_replace_candidate(filename=str(tmp_path / "nothing"))
        with pytest.raises(ReplaceConfigException):
            device.load_replace_candidate()
        device.discard_config()


def test_merge(router: Target) -> None:
    part = write(Document((File(FRR, f"{LINUX.line}\n"),)))
    with session(router) as device:
        before = device.get_config()["running"]
        device.load_merge_candidate(config=part)
        assert f"+{LINUX.line}" in device.compare_config()
        device.commit_config()
        assert LINUX.line in device.get_config()["running"]
        assert "router bgp 65001" in device.get_config()["running"]
        device.rollback()
        assert router.says(device.get_config()["running"]) == router.says(before)
        with pytest.raises(MergeConfigException):
            device.load_merge_candidate(config="no document")


def test_a_timed_commit_is_confirmed(router: Target) -> None:
    with session(router) as device:
        device.load_replace_candidate(config=LINUX.added(device.get_config()["running"], LINUX.line))
        device.commit_config(revert_in=60)
        assert device.has_pending_commit()
        assert LINUX.line not in device.get_config()["startup"]
        device.confirm_commit()
        assert not device.has_pending_commit()
        assert LINUX.line in device.get_config()["startup"]
        with pytest.raises(CommitConfirmException):
            device.confirm_commit()


def test_a_timed_commit_is_rolled_back(router: Target) -> None:
    with session(router) as device:
        before = device.get_config()["running"]
        device.load_replace_candidate(config=LINUX.added(before, LINUX.line))
        device.commit_config(revert_in=60)
        device.rollback()
        assert not device.has_pending_commit()
        assert router.says(device.get_config()["running"]) == router.says(before)


def test_while_a_timed_commit_waits_there_is_no_other(router: Target) -> None:
    with session(router) as device:
        before = device.get_config()["running"]
        device.load_replace_candidate(config=LINUX.added(before, LINUX.line))
        device.commit_config(revert_in=60)
        device.load_replace_candidate(config=before)
        with pytest.raises(CommitError, match=f"change (of|by) {router.login[0]}"):
            device.commit_config(revert_in=60)
        device.rollback()


def test_a_timed_commit_is_taken_back_when_the_session_is_dead(router: Target) -> None:
    with session(router) as device:
        before = device.get_config()["running"]
        device.load_replace_candidate(config=LINUX.added(before, LINUX.line))
        device.commit_config(revert_in=LINUX.shortest_s)
        router.lab.drop_sessions()
        until(lambda: not device.is_alive()["is_alive"], 20)
        with pytest.raises(ConnectionClosedException):
            device.get_facts()
    router.pass_time(LINUX.shortest_s + 1)
    with session(router) as device:
        until(lambda: not device.has_pending_commit(), 30)
        assert router.says(device.get_config()["running"]) == router.says(before)


def test_a_rejected_change(router: Target) -> None:
    with session(router) as device:
        before = device.get_config()["running"]
        device.load_replace_candidate(config=LINUX.added(before, LINUX.bad_line))
        with pytest.raises(CommitError, match="no-such-command"):
            device.commit_config()
        assert not device.has_pending_commit()
        assert router.says(device.get_config()["running"]) == router.says(before)


def test_it_waits_no_longer_than_it_is_told(stand_in: Target) -> None:
    stand_in.lab.router.faults["facts"] = lambda channel: channel.recv(1)
    device = driver(stand_in)
    device.timeout = 4
    device.open()
    begun = time.monotonic()
    with pytest.raises(CommandTimeoutException):
        device.get_facts()
    assert time.monotonic() - begun < 15
    assert not device.is_alive()["is_alive"]
    device.close()


def test_garbage_is_no_answer(stand_in: Target) -> None:
    stand_in.lab.router.faults["facts"] = lambda channel: channel.sendall(b"what?\n")
    with session(stand_in) as device:
        with pytest.raises(CommandErrorException, match="no answer"):
            device.get_facts()
        assert not device.is_alive()["is_alive"]
