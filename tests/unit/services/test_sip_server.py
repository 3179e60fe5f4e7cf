"""SIP OPTIONS over TLS against kamailio, a real SIP server: alive, refusing us, expired, foreign, gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from collectors.services.sip import options
from collectors.tls.probing import Place, Trust, trust
from collectors.tls.stages import PortProbe, Stage
from tests.unit.services.certificates import Authority
from tests.unit.services.kamailio import Kamailio, free_port

NAME = "fe1.lync.test"


def ask(port: int, checks: Trust, name: str | None = NAME) -> PortProbe:
    return asyncio.run(options(Place("127.0.0.1", port, name), checks, timeout_s=30.0))


def test_any_answer_means_alive(tmp_path: Path, authority: Authority, checks: Trust) -> None:
    issued = authority.issue(NAME, names=(NAME,))
    with Kamailio(tmp_path, issued, tmp_path / "ca.pem", answer=(483, "Too Many Hops")) as server:
        found = ask(server.port, checks)
    assert (found.stage, found.status, found.words) == (Stage.ANSWERED, 483, "Too Many Hops")
    assert found.problem == found.untrusted == ""
    assert found.certificate is not None
    assert found.certificate.names == (NAME,)
    assert found.certificate.is_for("FE1.lync.test")
    assert not found.certificate.is_for("fe2.lync.test")


@pytest.mark.parametrize("method", ["TLSv1.2", "TLSv1.2+"])
def test_mutual_tls_is_told_from_a_dead_server(
    tmp_path: Path, authority: Authority, checks: Trust, method: str
) -> None:
    issued = authority.issue(NAME, names=(NAME,))
    with Kamailio(tmp_path, issued, tmp_path / "ca.pem", mutual=True, method=method) as server:
        found = ask(server.port, checks)
    assert found.wants_certificate
    assert found.stage is not Stage.ANSWERED
    assert found.heard
    assert found.certificate is not None, "it was shown before we were refused"
    assert found.certificate.names == (NAME,)


def test_an_expired_certificate_is_seen_and_the_server_is_alive(
    tmp_path: Path, authority: Authority, checks: Trust
) -> None:
    issued = authority.issue(NAME, days=-2, names=(NAME,))
    with Kamailio(tmp_path, issued, tmp_path / "ca.pem") as server:
        found = ask(server.port, checks)
    assert found.stage is Stage.ANSWERED
    assert found.untrusted == "", "its dates are told by the certificate itself"
    assert found.certificate is not None
    assert found.certificate.not_after < authority.certificate.not_valid_after_utc


def test_a_foreign_authority_is_told(tmp_path: Path, authority: Authority) -> None:
    other = tmp_path / "other"
    other.mkdir()
    foreign = Authority.made(other, "Another authority")
    issued = authority.issue(NAME, names=(NAME,))
    with Kamailio(tmp_path, issued, tmp_path / "ca.pem") as server:
        found = ask(server.port, trust(foreign.pem))
    assert found.stage is Stage.ANSWERED
    assert found.untrusted
    assert found.certificate is not None
    assert found.certificate.issuer == "CN=Test authority"


def test_nobody_listens(checks: Trust) -> None:
    found = ask(free_port(), checks)
    assert found.stage is Stage.REFUSED
    assert found.heard
    assert not found.wants_certificate


def test_a_plain_port_is_no_tls(tmp_path: Path, authority: Authority, checks: Trust) -> None:
    """Kamailio's own TCP port takes the connection and does not understand TLS."""
    issued = authority.issue(NAME, names=(NAME,))
    with Kamailio(tmp_path, issued, tmp_path / "ca.pem") as server:
        text = (tmp_path / "kamailio.cfg").read_text()
        plain = int(text.partition("listen=tcp:127.0.0.1:")[2].split()[0])
        found = asyncio.run(options(Place("127.0.0.1", plain, NAME), checks, timeout_s=3.0))
    assert server.port != plain
    assert found.stage is Stage.CONNECTED
    assert found.problem
    assert found.certificate is None
