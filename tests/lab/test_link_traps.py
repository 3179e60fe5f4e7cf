"""A link goes down on a real snmpd and rsyslogd with the rendered configuration: message, poll, alarm, and back."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.monitoring.alarms import Kind
from agent.monitoring.schedule import offset
from agent.monitoring.states import Link, Reach, RouterState
from agent.store.base import open_store
from agent.store.states import States
from device_templates import platform_of
from device_templates.linux_frr.reading.document import parse
from inventory import Inventory, Secret
from inventory.loader import load_workspace
from tests.lab.spaces import Space, shell, spaces
from tests.unit.collectors.snmpd import program

GOLDEN = Path(__file__).parents[1] / "golden" / "linux_frr" / "two_vpns"
ROUTER = "acme-lee-r1"
#: Long enough for what traps start to happen between two turns of the router.
PERIOD_S = 20
#: What the router's own program would write, anew every second.
TELLS = r"""
while :; do
  printf 'watch 1 %d\nconfig 0 0\ninterface gre10 up up 1 2\npeer 198.51.100.10\n' $(cut -d. -f1 /proc/uptime) >/run/new
  mv /run/new /run/spokesman/watch
  sleep 1
done
"""
MORE = """
[traps]
listen = "0.0.0.0"

[syslog]
listen = "0.0.0.0"

[schedules]
poll_period_s = PERIOD
poll_timeout_s = 1.0
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The golden workspace, with traps and syslog."""
    copy = tmp_path / "workspace"
    shutil.copytree(GOLDEN / "workspace", copy)
    settings = copy / "spokesman.toml"
    settings.write_text(settings.read_text() + MORE.replace("PERIOD", str(PERIOD_S)))
    return copy


def secrets() -> dict[str, str]:
    values: dict[str, str] = tomllib.loads((GOLDEN / "secrets.toml").read_text())["secrets"]
    return values


def rendered(inventory: Inventory, path: str) -> str:
    """A file that the router is given."""
    view, values = inventory.router(ROUTER), secrets()
    text = platform_of(view).render(inventory, view, lambda reference: Secret(values[reference])).text
    content = parse(text).content(path)
    assert content is not None
    return content


def log_of(inventory: Inventory) -> str:
    """The rsyslog.conf that the router is given, with its files in a /run of its own."""
    text = rendered(inventory, "etc/rsyslog.conf").replace('module(load="imklog")\n', "")
    own = {'"imuxsock"': '"imuxsock" SysSock.Name="/run/log"', "/var/log/": "/run/", "/var/spool/rsyslog": "/run"}
    for before, after in own.items():
        assert before in text
        text = text.replace(before, after)
    return text


@contextmanager
def running(space: Space, log: Path, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process inside a namespace as long as the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*space.inside, *command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def agents_of(router: Space, folder: Path, inventory: Inventory) -> Iterator[None]:
    """The front door's snmpd and rsyslogd, and what the router's own program would write, anew every second."""
    persistent = folder / "persistent"
    persistent.mkdir()
    (folder / "snmpd.conf").write_text(rendered(inventory, "etc/snmp/snmpd.conf"))
    (folder / "rsyslog.conf").write_text(log_of(inventory))
    rsyslogd = (program("rsyslogd"), "-n", "-i", "/run/rsyslogd.pid", "-f", str(folder / "rsyslog.conf"))
    files = f"{persistent}/snmpd.conf,{folder}/snmpd.conf"
    snmpd = (program("snmpd"), "-f", "-Le", "-r", "-C", "-c", files)
    router.path("/run/spokesman").mkdir()
    with (
        running(router, folder / "watch.log", "sh", "-c", TELLS),
        running(router, folder / "rsyslogd.log", *rsyslogd),
        running(router, folder / "snmpd.log", *snmpd, SNMP_PERSISTENT_DIR=str(persistent), MIBS=""),
    ):
        yield


def log_as(router: Space, name: str, text: str) -> None:
    """One of the router's programs logs something."""
    shell(*router.inside, program("logger"), "--socket", "/run/log", "--tag", name, "--priority", "daemon.notice", text)


class Watched:
    """What the daemon has kept of the router, and what it says."""

    def __init__(self, workspace: Path, log: Path) -> None:
        self._states, self._log = States(open_store(f"sqlite:///{workspace / 'var' / 'spokesman.db'}")), log

    def state(self) -> RouterState | None:
        return self._states.states().get(ROUTER)

    def link(self) -> Link | None:
        state = self.state()
        return None if state is None or "eth0" not in state.links else state.links["eth0"].link

    def alarm(self) -> Any:
        """The active alarm of the access."""
        found = [one for one in self._states.active_alarms() if one.key.subject == ROUTER and one.key.item == "eth0"]
        return next((one for one in found if one.key.kind is Kind.INTERFACE_DOWN), None)

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self._log.read_text()) is not None


def waited(true: Callable[[], object], what: str, within_s: float = 150.0) -> float:
    """Wait until something is true; the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within_s, f"it never came: {what}"
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.lab
@pytest.mark.timeout(900)
def test_from_a_link_that_goes_down_to_an_alarm_and_back(workspace: Path, tmp_path: Path) -> None:
    inventory = load_workspace(workspace)
    address = inventory.router(ROUTER).router.management.address
    (centre_address, *_) = inventory.settings.management_centre.snmp_managers
    log = tmp_path / "daemon.log"
    environment = {name.removeprefix("env:"): value for name, value in secrets().items()}
    environment |= {"CENTRE_IKE_PSK": "key", "CENTRE_NTP_KEY": "key"}
    environment["SPOKESMAN_MASTER_KEY"] = b64encode(bytes(32)).decode()
    daemon = (sys.executable, "-m", "agent.cli", "--workspace", str(workspace), "daemon")
    with spaces("centre", "router", "internet") as (centre, router, internet):
        router.plug("mgmt0", centre, "routers")
        router.plug("eth0", internet, "far")
        router.run(f"ip address add {address} peer {centre_address} dev mgmt0")
        centre.run(f"ip address add {centre_address} peer {address} dev routers")
        (log_host, *_) = inventory.settings.management_centre.syslog
        centre.run(f"ip address add {log_host} dev routers")
        router.run(f"ip route add {log_host} dev mgmt0")
        with running(centre, log, *daemon, PYTHONPATH=str(Path.cwd()), **environment):
            waited(lambda: log.exists() and "receives traps" in log.read_text(), "the daemon")
            turn = time.monotonic() + offset(ROUTER, PERIOD_S)
            with agents_of(router, tmp_path, inventory):
                watched = Watched(workspace, log)
                waited(lambda: watched.says(f"{ROUTER} tells coldStart"), "coldStart")
                waited(lambda: watched.link() is Link.UP, "the first poll")
                state = watched.state()
                assert state is not None
                assert (state.reach, state.faults, state.links["gre10"].link) == (Reach.UP, (), Link.UP)
                time.sleep(max(0.0, turn + 1 - time.monotonic()))
                internet.run("ip link set far down")
                told = waited(lambda: watched.says(f"{ROUTER} tells linkDown"), "the trap of the link")
                seen = waited(lambda: watched.link() is Link.DOWN, "the poll after the trap")
                raised = waited(watched.alarm, "the alarm")
                alarm = watched.alarm()
                assert alarm.first_failed_at < alarm.raised_at, "one poll alone raises nothing"
                internet.run("ip link set far up")
                cleared = waited(lambda: watched.alarm() is None, "the end of the alarm")
                said = time.monotonic()
                log_as(router, "bgpd", "%ADJCHANGE: neighbor 10.255.8.1(Unknown) in vrf corporate Down")
                log_as(router, "kernel", f"spokesman {ROUTER} ilan refused: IN=vlan50 OUT=eth0 SRC=10.10.2.7")
                waited(lambda: watched.says(f"{ROUTER} tells routing 10.255.8.1 down \\(syslog\\)"), "syslog")
                heard = time.monotonic() - said
                assert not watched.says("10.10.2.7")
    stored = [path.name for path in (workspace / "var").glob("*.db*") if b"10.10.2.7" in path.read_bytes()]
    assert stored == [], "a firewall's log is the customer's"
    print(
        f"link down to trap {told:.1f} s, poll {told + seen:.1f} s, alarm {told + seen + raised:.1f} s; "
        f"link up to clear {cleared:.1f} s; syslog heard {heard:.2f} s"
    )
