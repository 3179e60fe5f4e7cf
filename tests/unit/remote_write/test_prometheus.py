"""A real Prometheus takes what is sent, through its death and its absence, and says the same when it is asked."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from agent.remote_write import Counts, Pace, Place, Queue, RemoteWrite, Result, Transport
from agent.remote_write.samples import Samples
from tests.unit.collectors.snmpd import free_port
from tests.unit.history.fleet import Router, polled

pytestmark = pytest.mark.soak
SERIES = 13


class Prometheus:
    """The Debian package's program, on a port and a folder of its own."""

    def __init__(self, home: Path) -> None:
        self._home, self._port = home, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        (home / "prometheus.yml").write_text("global: {}\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it until it is ready."""
        program = shutil.which("prometheus")
        assert program, "install the Debian package prometheus, as make soak does"
        command = (
            program, f"--config.file={self._home / 'prometheus.yml'}", f"--storage.tsdb.path={self._home / 'data'}",
            f"--web.listen-address=127.0.0.1:{self._port}", "--web.enable-remote-write-receiver", "--log.level=error",
            "--storage.tsdb.retention.time=30d",
        )  # fmt: skip
        self._process = subprocess.Popen(command, cwd=self._home)
        until(self._ready)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """As kill -9 does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)

    def ask(self, query: str, at: float) -> list[dict[str, object]]:
        """What a query says at a moment."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": query, "time": at}, timeout=20)
        found: list[dict[str, object]] = answer.raise_for_status().json()["data"]["result"]
        return found

    def number(self, query: str, at: float) -> float:
        """The one number that a query says at a moment; -1: nothing."""
        found = self.ask(query, at)
        return float(found[0]["value"][1]) if found else -1.0  # type: ignore[index]


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Prometheus]:
    one = Prometheus(tmp_path)
    one.start()
    yield one
    one.kill()


def test_prometheus_has_every_sample_though_it_is_killed_and_started_again(prometheus: Prometheus) -> None:
    counts, samples = Counts(), Samples(lambda router: f"acme/{router}", 1000)
    place = Place(f"{prometheus.url}/api/v1/write", str, timeout_s=5.0)
    pace = Pace(polls=200, flush_s=0.1, again_s=0.05, longest_s=0.5)
    remote = RemoteWrite(Queue(100_000, counts), samples, Transport(place), counts, random.random, pace)
    routers = [Router(f"r{number:03}", octets=0, errors=0) for number in range(100)]
    polls, ago = polled(routers, range(30)), 30 * 240.0
    shift = time.time() - ago - polls[0].at
    polls = [poll._replace(at=poll.at + shift) for poll in polls]
    remote.start()
    remote.put(polls[:1000])
    until(lambda: counts.samples[Result.SENT] > 0)
    prometheus.kill()
    remote.put(polls[1000:2000])
    until(lambda: counts.retries > 2)
    remote.put(polls[2000:])
    prometheus.start()
    remote.close(60)
    assert counts.samples == {Result.SENT: 3000 * SERIES, Result.REFUSED: 0, Result.LEFT_OUT: 0}
    now = time.time()
    named = prometheus.ask("count by (__name__) ({__name__=~'spokesman.+'})", now)
    names = [str(one["metric"]["__name__"]) for one in named]  # type: ignore[index]
    assert len(names) == SERIES - 1, "the two processors have one name"
    assert sum(prometheus.number(f"sum(count_over_time({name}[3h]))", now) for name in names) == 3000 * SERIES
    assert prometheus.number("count(spokesman_poll_answered == 1)", polls[-1].at) == 100
    found = prometheus.ask("spokesman_interfaces_in_bytes_total{router='r007'}", polls[-1].at)
    assert found[0]["metric"] == {
        "__name__": "spokesman_interfaces_in_bytes_total",
        "interface": "GigabitEthernet0/0/0",
        "router": "r007",
        "site": "acme/r007",
    }
    rate = prometheus.number("rate(spokesman_interfaces_in_bytes_total{router='r007'}[1h])", polls[-1].at)
    assert rate == pytest.approx(1000, rel=0.01)


def test_prometheus_refuses_what_is_older_than_it_has_and_that_is_counted(prometheus: Prometheus) -> None:
    counts = Counts()
    place = Place(f"{prometheus.url}/api/v1/write", str, timeout_s=5.0)
    samples = Samples(lambda router: f"acme/{router}", 1000)
    pace = Pace(polls=10, flush_s=0.05)
    remote = RemoteWrite(Queue(1000, counts), samples, Transport(place), counts, random.random, pace)
    poll = Router("r1").poll(0)
    remote.start()
    remote.put([poll._replace(at=time.time())])
    until(lambda: counts.samples[Result.SENT] == SERIES)
    remote.put([poll._replace(at=time.time() - 60)])
    until(lambda: counts.samples[Result.REFUSED] == SERIES)
    remote.put([poll._replace(at=time.time())])
    remote.close(20)
    assert counts.samples[Result.SENT] == 2 * SERIES
