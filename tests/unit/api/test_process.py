"""`spokesman api` as a process: what it listens on, TLS, slow clients, SIGTERM and kill -9."""

from __future__ import annotations

import json
import signal
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from agent.app.api_tls import refuse_clear_text, tls
from agent.cli import application
from agent.errors import ConfigurationProblem
from agent.tokens import Role
from inventory.settings import Api
from tests.unit.api.calls import calls
from tests.unit.api.filled import LIMITS, SETTINGS, Filled, filled
from tests.unit.api.process import Server, running

WAIT_S = 30


def certified(folder: Path) -> None:
    """A certificate for 127.0.0.1 and its key, as api.pem and api.key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.example")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    (folder / "api.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / "api.key").touch(mode=0o600)
    (folder / "api.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def asked(
    server: Server, token: str, method: str, path: str, headers: Mapping[str, str] | None = None, **rest: Any
) -> httpx.Response:
    """A request over the network."""
    sent = {"Authorization": f"Bearer {token}", **(headers or {})}
    return httpx.request(method, f"{server.url}{path}", headers=sent, timeout=WAIT_S, **rest)


def raw(server: Server, sent: bytes) -> bytes:
    """What a client gets that sends these bytes and then waits until it is cut off."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), WAIT_S) as connection:
        connection.sendall(sent)
        found = b""
        try:
            while part := connection.recv(65_536):
                found += part
        except ConnectionResetError:
            pass
        return found


def test_a_request_that_was_acknowledged_outlives_kill_9(workspace: Filled) -> None:
    token = workspace.token(Role.AUTOMATION)
    call = calls("acme", "one")["submitRequest"]
    with running(workspace.root) as server:
        answer = asked(server, token, call.method, call.path, json=call.json, headers=call.headers)
        server.stop(signal.SIGKILL)
        assert answer.status_code == 201
    with running(workspace.root) as server:
        kept = asked(server, token, "GET", answer.headers["location"])
        assert (kept.status_code, kept.json()["parameters"]) == (200, call.json["parameters"])
        again = asked(server, token, call.method, call.path, json=call.json, headers=call.headers)
        assert again.json()["request"] == answer.json()["request"]
        assert server.stop() == 0
        assert "the API has stopped" in server.log.read_text()


def test_clients_that_are_slow_or_make_no_sense_are_cut_off_and_the_others_are_served(tmp_path: Path) -> None:
    workspace = filled(tmp_path / "workspace", LIMITS + "receive_timeout_s = 0.5\nmax_header_bytes = 4096\n")
    token = workspace.token(Role.ENGINEER)
    head = "POST /v1/plans HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {token}\r\n"
    with running(workspace.root) as server:
        assert raw(server, b"") == b""
        assert raw(server, b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""
        late = raw(server, f"{head}Content-Length: 50\r\n\r\n{{".encode())
        assert late.startswith(b"HTTP/1.1 408 ")
        assert b"application/problem+json" in late
        chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
        body = b"".join(b"3e8\r\n" + b" " * 1000 + b"\r\n" for _ in range(80)) + b"0\r\n\r\n"
        assert raw(server, chunked + body).startswith(b"HTTP/1.1 413 ")
        both = f"{head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()
        assert b"HTTP/1.1 2" not in raw(server, both)
        for nonsense in (
            b"\x16\x03\x01 hello\r\n\r\n",
            b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
            b"GET " + b"a" * 20_000,
        ):
            assert not raw(server, nonsense).startswith(b"HTTP/1.1 2")
        many = (
            b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + b"".join(b"X-%d: y\r\n" % one for one in range(2000))
            + b"\r\n"
        )
        assert raw(server, many).startswith(b"HTTP/1.1 431 ")
        assert asked(server, token, "GET", "/v1/token").status_code == 200
        assert "Traceback" not in server.log.read_text()
        assert token not in server.log.read_text()


def test_tls_is_1_2_at_least_and_says_so_to_browsers(tmp_path: Path) -> None:
    workspace = filled(tmp_path / "workspace", LIMITS + 'certificate = "api.pem"\nkey = "api.key"\n')
    certified(workspace.root)
    token = workspace.token(Role.ENGINEER)
    trusted = ssl.create_default_context(cafile=str(workspace.root / "api.pem"))
    trusted.check_hostname = False
    with running(workspace.root) as server:
        assert server.url.startswith("https://")
        answer = asked(server, token, "GET", "/v1/token", verify=trusted)
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        host, port = server.url.removeprefix("https://").split(":")
        with socket.create_connection((host, int(port)), WAIT_S) as plain, trusted.wrap_socket(plain) as secured:
            assert secured.version() in ("TLSv1.2", "TLSv1.3")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection((host, int(port)), WAIT_S) as plain,
            pytest.raises(OSError, match=r"(?i)ssl|reset"),
        ):
            old.wrap_socket(plain)


def test_tokens_do_not_travel_in_clear_unless_the_operator_says_so() -> None:
    with pytest.raises(ConfigurationProblem, match="without TLS"):
        refuse_clear_text(Api(listen="0.0.0.0"), encrypted=False)
    with pytest.raises(ConfigurationProblem, match="without TLS"):
        refuse_clear_text(Api(listen="::"), encrypted=False)
    for allowed in (Api(), Api(listen="::1"), Api(listen="127.106.0.1"), Api(listen="0.0.0.0", plain_http=True)):
        refuse_clear_text(allowed, encrypted=False)
    refuse_clear_text(Api(listen="0.0.0.0"), encrypted=True)


def test_a_certificate_that_cannot_be_used_is_told_before_anything_is_served(tmp_path: Path) -> None:
    certified(tmp_path)
    assert tls(Api(certificate="api.pem", key="api.key"), tmp_path) is not None
    assert tls(Api(), tmp_path) is None
    wrong = {
        "go together": Api(certificate="api.pem"),
        "cannot be used": Api(certificate="none.pem", key="api.key"),
        "KEY_VALUES|cannot be used": Api(certificate="api.key", key="api.key"),
    }
    for why, settings in wrong.items():
        with pytest.raises(ConfigurationProblem, match=why):
            tls(settings, tmp_path)
    (tmp_path / "api.key").chmod(0o644)
    with pytest.raises(ConfigurationProblem, match="others may read"):
        tls(Api(certificate="api.pem", key="api.key"), tmp_path)


@pytest.mark.parametrize(
    ("settings", "why"),
    [('listen = "0.0.0.0"', "without TLS"), ('listen = "192.0.2.77"\nplain_http = true', "cannot listen"),
     ('certificate = "none.pem"\nkey = "none.key"', "cannot be used"), ('listen = "localhost"', "IP address")],
)  # fmt: skip
def test_what_cannot_be_served_is_refused_in_one_sentence(settings: str, why: str, tmp_path: Path) -> None:
    workspace = filled(tmp_path / "workspace")
    path = workspace.root / SETTINGS
    path.write_text(path.read_text().replace("[api]\n", f"[api]\n{settings}\n"))
    done = CliRunner().invoke(application, ["-w", str(workspace.root), "api", "--json"])
    assert done.exit_code == 1
    assert why in json.dumps(json.loads(done.stdout)["error"])


def test_the_document_is_printed_without_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(application, ["api", "openapi"])
    assert (done.exit_code, json.loads(done.stdout)["openapi"]) == (0, "3.1.0")
