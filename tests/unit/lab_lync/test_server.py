"""The lab's Lync server, as collectors and as strict clients see it; and the watch's turns on two of them."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from agent.app.app import App
from agent.app.lync_watching import LyncWatching
from agent.app.watching import Watching
from agent.errors import Refused
from agent.lab.errors import LabError
from agent.lab.lync import talking
from agent.lab.lync.authority import LyncAuthority
from agent.lab.lync.server import VirtualLyncServer
from agent.lab.lync.spec import LyncServer, SnmpReader
from agent.monitoring.alarms import Kind
from agent.monitoring.servers.judging import Verdict
from agent.monitoring.states import Reach
from agent.scaffold import create

NETWORK = f"127.{100 + os.getpid() % 20}.{os.getpid() % 200}"
ALIVE, DEAD = "acme-lync-fe1", "acme-lync-fe2"
SERVICES = (
    "Lync Server Front-End", "Lync Server IM Conferencing", "Lync Server Replica Replicator Agent",
    "World Wide Web Publishing Service",
)  # fmt: skip
PORTS = {161: 1161, 123: 1123, 443: 2443}


def spec(name: str, host: int, snmp: SnmpReader) -> LyncServer:
    return LyncServer(
        name=name,
        fqdn=f"{name}.acme.example",
        behind="acme-lon-r1",
        address=IPv4Address(f"10.10.1.{host}"),
        listen=IPv4Address(f"{NETWORK}.{host}"),
        services=SERVICES,
        ports=PORTS,
        sip=(5061,),
        https=(443, 4443),
        snmp=snmp,
    )


class Bench:
    """Virtual servers on an event loop of their own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.loop = asyncio.new_event_loop()
        self.servers: list[VirtualLyncServer] = []
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def do(self, work: Callable[[], None]) -> None:
        async def run() -> None:
            work()

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def add(self, one: LyncServer) -> VirtualLyncServer:
        server = VirtualLyncServer(one, LyncAuthority(self.directory, self.directory), lambda: True)
        self.do(lambda: server.start(IPv4Address("10.253.0.10")))
        self.servers.append(server)
        return server

    def close(self) -> None:
        for server in self.servers:
            asyncio.run_coroutine_threadsafe(server.close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example's workspace with a second front end, reached where the bench serves."""
    root = tmp_path / "workspace"
    create(root, "virtual")
    settings = root / "spokesman.toml"
    text = settings.read_text().replace("127.254.200", NETWORK).replace("var/lab/lync-ca.pem", "../lync-ca.pem")
    settings.write_text(text)
    customer = root / "customers" / "acme.yaml"
    lines = customer.read_text()
    first = lines[lines.index(f"    {ALIVE}:\n") :]
    second = first.replace(ALIVE, DEAD).replace("10.10.1.21", "10.10.1.22")
    customer.write_text(lines + second)
    return root


def edited(root: Path, old: str, new: str) -> None:
    settings = root / "spokesman.toml"
    assert old in settings.read_text()
    settings.write_text(settings.read_text().replace(old, new))


def reader(root: Path) -> SnmpReader:
    return SnmpReader(community=(root / "secrets" / "lync-community").read_text().strip())


@contextmanager
def watched(root: Path) -> Iterator[tuple[App, LyncWatching]]:
    app = App(root, "eve")
    watching = LyncWatching(app)
    try:
        yield app, watching
    finally:
        watching.turns.close()


def test_a_look_finds_everything_and_a_dead_one_beside_it_changes_nothing(bench: Bench, root: Path) -> None:
    edited(root, "poll_period_s = 240", "poll_period_s = 240\npoll_timeout_s = 0.2\npoll_retries = 0")
    bench.add(spec(ALIVE, 21, reader(root)))
    dead = bench.add(spec(DEAD, 22, reader(root)))
    bench.do(lambda: dead.damage("power", None))
    with watched(root) as (app, watching):
        samples = {one.server: one for one in watching.look(app.inventory, (ALIVE, DEAD))}
    assert samples[ALIVE].heard
    assert set(SERVICES) <= set(samples[ALIVE].services or {})
    assert set(samples[ALIVE].volumes or {}) == {"C:", "D:"}
    for port in (*samples[ALIVE].sip.values(), *samples[ALIVE].https.values()):
        assert port.serves
        assert port.certificate is not None
        assert not port.certificate.untrusted
        assert not port.certificate.mismatch
    assert samples[DEAD].heard is False
    assert not any(port.heard for port in samples[DEAD].sip.values())


def test_snmp_v3_and_a_wrong_community(bench: Bench, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(root, "poll_period_s = 240", "poll_period_s = 240\npoll_timeout_s = 0.5\npoll_retries = 0")
    user = SnmpReader(user="spokesman", auth="a-long-auth-word", priv="a-long-priv-word")
    edited(
        root,
        '[credentials.lync-snmp]\nkind = "snmp-v2c"                    # what Windows\' own SNMP service speaks\n'
        'community = "lync-community"\n',
        '[credentials.lync-snmp]\nkind = "snmp-v3"\nusername = "spokesman"\n'
        'auth = "env:LYW_AUTH"\npriv = "env:LYW_PRIV"\n',
    )
    bench.add(spec(ALIVE, 21, user))
    bench.add(spec(DEAD, 22, reader(root)))
    monkeypatch.setenv("LYW_AUTH", "a-long-auth-word")
    monkeypatch.setenv("LYW_PRIV", "a-long-priv-word")
    with watched(root) as (app, watching):
        samples = {one.server: one for one in watching.look(app.inventory, (ALIVE, DEAD))}
        rows = {row.server: row for row in Watching(app).servers()}
    assert samples[ALIVE].services is not None
    assert samples[DEAD].services is None, "it knows no such user"
    assert samples[DEAD].heard
    assert rows[DEAD].reach is Reach.UP
    assert {item.verdict for item in rows[DEAD].unknown} == {Verdict.UNKNOWN}
    assert Kind.SERVICE_DOWN not in {item.kind for item in rows[DEAD].wrong}, "unread is not down"


def test_an_unreadable_secret_or_authority_blinds_one_question_only(bench: Bench, root: Path) -> None:
    bench.add(spec(ALIVE, 21, reader(root)))
    (root / "secrets" / "lync-community").chmod(0o644)
    edited(root, "../lync-ca.pem", "no-such-file.pem")
    with watched(root) as (app, watching):
        (sample,) = watching.look(app.inventory, (ALIVE,))
    assert "others may read this secret" in sample.snmp_reason
    assert sample.sip[5061].serves
    certificate = sample.sip[5061].certificate
    assert certificate is not None
    assert certificate.untrusted


def test_a_dead_server_holds_up_no_other_and_is_never_looked_at_twice_at_once(bench: Bench, root: Path) -> None:
    """The dead one's look takes a minute here; the other is looked at again and again meanwhile."""
    edited(root, "poll_period_s = 240", "poll_period_s = 2\npoll_timeout_s = 10\npoll_retries = 5")
    bench.add(spec(ALIVE, 21, reader(root)))
    dead = bench.add(spec(DEAD, 22, reader(root)))
    bench.do(lambda: dead.damage("power", None))
    with watched(root) as (app, watching):
        moments: set[datetime] = set()
        deadline = time.monotonic() + 40
        while len(moments) < 3:
            assert time.monotonic() < deadline
            watching.perform(app.inventory)
            states = watching.servers.states()
            if ALIVE in states:
                moments.add(states[ALIVE].polled_at)
            assert DEAD not in states
            time.sleep(0.1)
        assert watching.turns.flying(DEAD)


def test_a_server_that_left_the_inventory_is_forgotten(bench: Bench, root: Path) -> None:
    bench.add(spec(ALIVE, 21, reader(root)))
    with watched(root) as (app, watching):
        watching.look(app.inventory, (ALIVE,))
        assert ALIVE in watching.servers.states()
        customer = root / "customers" / "acme.yaml"
        text = customer.read_text()
        customer.write_text(text[: text.index("\nlync:\n")])
        watching.perform(App(root, "eve").inventory)
        assert watching.servers.states() == {}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("OPTIONS sip:x SIP/2.0\r\nVia: a\r\n\r\n", "SIP/2.0 400"),
        (
            "INVITE sip:x SIP/2.0\r\nVia: a\r\nFrom: a\r\nTo: a\r\nCall-ID: a\r\nCSeq: 1\r\nMax-Forwards: 1\r\n\r\n",
            "SIP/2.0 405",
        ),
        ("GET / HTTP/1.1\r\n\r\n", None),
    ],
)
def test_the_lab_is_strict_in_sip(question: str, answer: str | None) -> None:
    said = talking.sip_answer(question)
    assert said is None if answer is None else said is not None and said.startswith(answer)


def test_an_address_that_is_taken_is_told(bench: Bench, tmp_path: Path) -> None:
    one = spec(ALIVE, 21, SnmpReader(community="x"))
    bench.add(one)
    again = VirtualLyncServer(one, LyncAuthority(tmp_path, tmp_path), lambda: True)
    with pytest.raises(LabError, match="cannot be used"):
        bench.do(lambda: again.start(IPv4Address("10.253.0.10")))


def test_a_baseline_needs_services_that_can_be_read_and_are_lyncs(bench: Bench, root: Path) -> None:
    edited(root, "poll_period_s = 240", "poll_period_s = 240\npoll_timeout_s = 0.2\npoll_retries = 0")
    server = bench.add(spec(ALIVE, 21, reader(root)))
    bench.add(spec(DEAD, 22, reader(root)).model_copy(update={"services": ("Telephony",), "sip": (), "https": ()}))
    with watched(root) as (_, watching):
        with pytest.raises(Refused, match="none of its services belongs to Lync"):
            watching.baseline(DEAD, "eve")
        bench.do(lambda: server.damage("power", None))
        with pytest.raises(Refused, match="cannot be read"):
            watching.baseline(ALIVE, "eve")
        assert watching.servers.baselines() == {}
        bench.do(lambda: server.repair())
        found = watching.baseline(ALIVE, "eve")
        assert watching.servers.baselines() == {ALIVE: found}
        assert set(SERVICES) <= set(found.services)
