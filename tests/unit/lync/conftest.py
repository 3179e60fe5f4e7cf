"""A workspace with two Lync pools, and strict stubs of their servers' WinRM behind real TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.app.app import App
from agent.app.lync import LyncDesk
from agent.archive.cipher import new_master_key
from agent.lab.lync.authority import LyncAuthority
from agent.lab.winrm.deployment import Deployment
from agent.lab.winrm.wsman import WsmanStub
from agent.lync.ports import Timing

#: What must appear nowhere.
PASSWORD = "Planted-Passw0rd-7f3a"
USER = "ACME\\svc-spokesman"
NET = "127.107.0.1"
POOL, SERVER = "pool.acme.example", "fe1.acme.example"
#: Hours between two looks: they pass at once where the agent waits, and never while a busy machine works.
LONG = Timing(grace_s=2 * 3600, settle_s=6 * 3600, poll_s=3600, lease_s=10 * 24 * 3600)

SETTINGS = Path(__file__).parents[1] / "inventory" / "workspaces" / "design" / "spokesman.toml"
CUSTOMER = SETTINGS.parent / "customers" / "acme.yaml"
FEATURES = """{external_access: true, enterprise_voice: true, av_conferencing: true, web_conferencing: true,
      exchange_um: {exchange: 2010, contacts: [
        {sip: um@acme.example, number: "+442079460100", ou: "OU=Lync,DC=acme,DC=example"}]},
      dial_in_conferencing: {numbers: ["+442079460001", "+442079460002"], region: "King's Cross"},
      federation: [{domain: partner.example, platform: lync-2010, agreed: true, public_certificate: true}],
      public_im: {providers: [msn], licences: true, public_certificate: true}, archiving: true, monitoring: true}"""


@dataclass
class Leaps:
    """A clock that whoever waits moves on instead of waiting."""

    slept: timedelta = timedelta()

    def clock(self) -> datetime:
        """Now, and what was waited."""
        return datetime.now(UTC) + self.slept

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.slept += timedelta(seconds=seconds)


@dataclass
class Ground:
    """A workspace on the disk and the stub of its server."""

    root: Path
    stub: WsmanStub
    version: str
    time: Leaps = field(default_factory=Leaps)

    @property
    def deployment(self) -> Deployment:
        return self.stub.deployment

    def desk(self) -> LyncDesk:
        """The use cases as a new process would have them, but for its time."""
        desk = LyncDesk(App(self.root, "tester"), timing=LONG)
        desk.runtime = replace(
            desk.runtime, clock=self.time.clock, sleep=self.time.sleep, progress=lambda text: desk.app.progress(text)
        )
        return desk

    def tls(self, names: tuple[str, ...] = ("fe1.acme.example",), days: float = 30) -> ssl.SSLContext:
        """Another certificate for the server."""
        return tls(self.root, names, days)

    def order(self, features: str) -> None:
        """Order other features."""
        write_workspace(self.root, self.stub.port, self.version, features)


def write_workspace(root: Path, port: int, version: str, features: str = FEATURES) -> None:
    """The design's workspace, with its Lync as these tests need it."""
    nat = (
        f'[[reach.nat]]\nmanaged = "10.10.1.0/24"\nreached = "127.107.0.0/24"\nports = {{ "5986" = {port} }}\n\n'
        '[lync]\nca_file = "ca/lync-ca.pem"\nauthentication = "basic"\n\n'
    )
    text = SETTINGS.read_text().replace("[[reach.nat]]", nat + "[[reach.nat]]", 1)
    (root / "spokesman.toml").write_text(text)
    (root / "customers").mkdir(exist_ok=True)
    customer = CUSTOMER.read_text()
    lync = f"""lync:
  pools:
    fe-pool-1: {{site: london, version: {version}, ntp: 10.10.1.5, fqdn: {POOL}, sip_domain: acme.example,
      features: {features}}}
  servers:
    acme-lync-fe1: {{role: front_end, pool: fe-pool-1, address: 10.10.1.1, fqdn: {SERVER}, credentials: lync,
      management_link: {{type: mpls}}, support: {{backup: {{at: "02:30"}}}}}}
    acme-lync-edge1: {{role: edge, pool: fe-pool-1, address: 192.0.2.21, credentials: lync}}
"""
    (root / "customers" / "acme.yaml").write_text(customer[: customer.index("lync:\n")] + lync)


def tls(folder: Path, names: tuple[str, ...] = (SERVER,), days: float = 30) -> ssl.SSLContext:
    """A server's TLS, by the authority in ``folder``/ca."""
    (folder / "ca").mkdir(exist_ok=True)
    authority = LyncAuthority(folder / "ca", folder / "ca")
    issued = authority.issue("fe1", names, datetime.now(UTC), days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    return context


@pytest.fixture(params=["2010", "2013"])
def ground(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """Both releases in turn."""
    yield from grounds(tmp_path, monkeypatch, request.param)


@pytest.fixture
def ground_2013(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """For what does not depend on the release."""
    yield from grounds(tmp_path, monkeypatch, "2013")


def grounds(root: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> Iterator[Ground]:
    """A workspace and a running stub."""
    monkeypatch.setenv("ACME_LYNC_PASSWORD", PASSWORD)
    monkeypatch.setenv("SPOKESMAN_MASTER_KEY", new_master_key(lambda count: b"k" * count))
    deployment = Deployment(version, (POOL,), (SERVER,))
    stub = WsmanStub(deployment, {USER: PASSWORD}, NET, 0, tls(root)).start()
    try:
        write_workspace(root, stub.port, version)
        yield Ground(root, stub, version)
    finally:
        stub.stop()
