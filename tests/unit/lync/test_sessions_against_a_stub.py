"""WinRM sessions with a strict stub that refuses, hangs, breaks off or shows a wrong certificate; nothing leaks."""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from types import SimpleNamespace
from typing import Any

import pytest
from pypsrp.serializer import Serializer

from agent.config import reached
from agent.drivers import winrm
from agent.drivers.winrm import WinrmServers, _output
from agent.drivers.winrm_wire import Limits
from agent.errors import (
    AuthenticationRefused,
    CommandRejected,
    DeviceError,
    DeviceTimeout,
    HostKeyRefused,
    IncompleteOutput,
    Refused,
    Unreachable,
)
from agent.lab.lync.authority import LyncAuthority
from agent.lab.winrm.errors import PowerShellError
from inventory import Inventory, Secret


def _servers(ground: Any, **changes: Any) -> tuple[WinrmServers, Inventory]:
    inventory = ground.desk().app.inventory
    fields: dict[str, Any] = {
        "credentials": inventory.settings.credentials,
        "secrets": lambda _name: Secret(changes.pop("password", "Planted-Passw0rd-7f3a")),
        "reached": lambda address, port: reached(inventory.settings, address, port),
        "authority": ground.root / "ca" / "lync-ca.pem",
        "authentication": "basic",
    }
    return WinrmServers(**{**fields, **changes}), inventory


def _open(ground: Any, **changes: Any) -> None:
    servers, inventory = _servers(ground, **changes)
    with servers.open(inventory.server("acme-lync-fe1")) as session:
        session.call("Get-CsPool")


def test_a_login_that_is_refused_is_said_so(ground_2013: Any) -> None:
    ground_2013.stub.faults.refuses = True
    with pytest.raises(AuthenticationRefused, match="expired password"):
        _open(ground_2013)
    ground_2013.stub.faults.refuses = False
    servers, inventory = _servers(ground_2013, secrets=lambda _name: Secret("another"))
    with (
        pytest.raises(AuthenticationRefused) as refused,
        servers.open(inventory.server("acme-lync-fe1")),
    ):
        pass
    assert "another" not in str(refused.value)


def test_a_certificate_for_another_name_is_refused_before_the_password_is_sent(ground_2013: Any) -> None:
    tls = ground_2013.tls(("other.acme.example",))
    ground_2013.stub.use(tls)
    with pytest.raises(HostKeyRefused, match="another name"):
        _open(ground_2013)
    assert ground_2013.stub.shells == {}


def test_a_certificate_that_has_expired_or_that_nobody_known_issued_is_refused(ground_2013: Any, tmp_path: Any) -> None:
    ground_2013.stub.use(ground_2013.tls(days=-1))
    with pytest.raises(HostKeyRefused, match="expired"):
        _open(ground_2013)
    ground_2013.stub.use(ground_2013.tls())
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(HostKeyRefused, match="no known authority"):
        _open(ground_2013, authority=LyncAuthority(other, other).file)
    with pytest.raises(HostKeyRefused):
        _open(ground_2013, authority=None)


def test_nobody_at_the_port_is_unreachable(ground_2013: Any) -> None:
    ground_2013.stub.stop()
    with pytest.raises(Unreachable):
        _open(ground_2013)


def test_a_port_that_is_no_tls_is_told(ground_2013: Any) -> None:
    with contextlib.closing(socket.create_server(("127.107.0.2", 0))) as listener:
        limits = Limits(connect_s=0.5, answer_s=0.5)
        servers, inventory = _servers(
            ground_2013, reached=lambda _address, _port: listener.getsockname(), limits=limits
        )
        with pytest.raises(DeviceError), servers.open(inventory.server("acme-lync-fe1")):
            pass


def test_a_server_that_hangs_is_given_up_in_time(ground_2013: Any) -> None:
    ground_2013.stub.faults.hangs = True
    with pytest.raises(DeviceTimeout, match="stopped answering"):
        _open(ground_2013, limits=Limits(answer_s=0.5))


def test_half_an_answer_is_not_used(ground_2013: Any) -> None:
    ground_2013.stub.faults.halves = True
    with pytest.raises((IncompleteOutput, Unreachable)):
        _open(ground_2013)


def test_an_error_record_fails_the_cmdlet_even_where_it_did_not_stop(ground_2013: Any) -> None:
    servers, inventory = _servers(ground_2013)
    with servers.open(inventory.server("acme-lync-fe1")) as session:
        with pytest.raises(CommandRejected, match="not recognized"):
            session.call("Get-CsNothing")
        with pytest.raises(CommandRejected, match="parameter name 'Colour'"):
            session.call("Get-CsPool", {"Colour": "red"})
        with pytest.raises(CommandRejected, match="not recognized"):
            session.run("Get-CsNothing\n'spokesman: done'")
        assert session.call("Get-CsPool", select=("Identity",)) == ({"Identity": "pool.acme.example"},)


def test_a_cmdlet_that_takes_too_long_is_given_up(ground_2013: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    servers, inventory = _servers(ground_2013)
    late = [0.0]
    monkeypatch.setattr(winrm, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + late[0]))

    def too_long(_name: str) -> None:
        late[0] = servers.limits.run_s
        ground_2013.stub.stopping.wait()

    ground_2013.deployment.before = too_long
    with (
        servers.open(inventory.server("acme-lync-fe1")) as session,
        pytest.raises(DeviceTimeout, match="Set-CsCdrConfiguration takes longer than 300 s"),
    ):
        session.call("Set-CsCdrConfiguration", {"Identity": "Global", "EnableCDR": True})


def test_credentials_of_another_kind_are_refused(ground_2013: Any) -> None:
    settings = ground_2013.desk().app.inventory.settings
    with pytest.raises(Refused, match="not of kind winrm"):
        _open(ground_2013, credentials={**settings.credentials, "lync": settings.credentials["fleet"]})


def test_the_password_is_in_no_log_message_or_repr(ground_2013: Any, caplog: pytest.LogCaptureFixture) -> None:
    password = "Planted-Passw0rd-7f3a"
    caplog.set_level(logging.DEBUG)
    ground_2013.deployment.before = lambda _name: (_ for _ in ()).throw(PowerShellError(f"said {password}", "said"))
    servers, inventory = _servers(ground_2013)
    with (
        servers.open(inventory.server("acme-lync-fe1")) as session,
        pytest.raises(CommandRejected) as refused,
    ):
        session.call("Enable-CsTopology")
    shown = str(refused.value) + repr(servers) + repr(session)
    assert password not in shown
    desk = ground_2013.desk()
    plan = desk.plan("fe-pool-1")
    with pytest.raises(DeviceError):
        desk.apply(plan.id)
    stored = b"".join(path.read_bytes() for path in (ground_2013.root / "var").rglob("*") if path.is_file())
    assert password.encode() not in stored
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("psrpcore")]
    assert ours, "psrpcore is the stub's half and says what the stub says; the others are the client's"
    assert not any(password in message for message in ours)


@pytest.mark.parametrize(
    ("types", "sent", "plain"),
    [
        ("Deserialized.EnableArchiving", "<ToString>ImAndWebConf</ToString><I32>2</I32>", "ImAndWebConf"),
        ("Microsoft.Rtc.Fqdn", "<ToString>pool.acme.example</ToString>", "pool.acme.example"),
        (
            "MultiValuedProperty",
            "<LST><S>King&apos;s &amp; Co</S><S>Leeds</S></LST>",
            ("King's & Co", "Leeds"),
        ),
        ("MultiValuedProperty", "<IE><S>London</S></IE>", ("London",)),
        ("MultiValuedProperty", "<LST />", ()),
    ],
    ids=["enumeration", "name", "list", "enumerable", "empty list"],
)
def test_objects_of_types_that_only_windows_knows_become_plain_values(types: str, sent: str, plain: object) -> None:
    """As PowerShell serialises Lync's own types, which the stub does not have [MS-PSRP, 2.2.5.2]."""
    names = f'<TN RefId="0"><T>{types}</T><T>System.Object</T></TN>'
    assert _output(Serializer().deserialize(f'<Obj RefId="0">{names}{sent}</Obj>')) == plain
