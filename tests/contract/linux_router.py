"""A real linux_frr router in namespaces of this host: its own program starts FRR and sshd from one document.

Nothing of the host is touched but one veth pair: the router has its own mounts (etc, run, var), processes, host name
and network. It has a WAN port to this host, and a LAN port to a customer's router, which is FRR too. Its document has
no tunnel, as the host's kernel may have no GRE. It takes root, and Debian's packages frr, frr-pythontools,
openssh-server, iproute2 and iputils-ping.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from paramiko.ssh_exception import SSHException

from agent.drivers.ssh import offered_key
from device_templates.linux_frr.onboard import onboard_program
from device_templates.linux_frr.reading.document import Document, File, write
from tests.contract.dialects import FRR, LINUX, VPN
from tests.contract.targets import Place, Target, made

NAME, SERIAL, USER, PASSWORD = "acme-lon-r1", "SN-4711", "spokesman", "Planted-Login-7"
#: bcrypt of PASSWORD.
HASH = "$2b$04$/CtUOeiuXVSdGo9KPnll6ePS5k1Pd/EfTviTKgLPegpwVuqGLOAhK"
NEEDED = {
    "unshare": "util-linux", "ip": "iproute2", "/usr/sbin/sshd": "openssh-server", "/usr/lib/frr/bgpd": "frr",
    "/usr/lib/frr/frr-reload.py": "frr-pythontools", "ping": "iputils-ping",
}  # fmt: skip
START_S = 60
SSHD = """\
Port 22
ListenAddress {address}
HostKey /etc/ssh/router_ed25519_key
PasswordAuthentication yes
PermitRootLogin no
UsePAM no
Subsystem spokesman /etc/spokesman/spokesman-router relay
"""
NETWORK = """\
hostname = "{name}"
[front_door]
interface = "eth0"
address = "{address}/30"
gateway = "{gateway}"
mtu = 1500
[[vpn]]
name = "{vpn}"
[[vpn.lan]]
name = "vlan10"
ports = ["eth1"]
"""
ROUTING = """\
interface vlan10
 ip address 192.168.10.1/24
exit
!
router bgp 65001
 bgp router-id 192.168.10.1
 no bgp ebgp-requires-policy
 neighbor 192.168.10.2 remote-as 65010
 neighbor 192.168.10.2 description customer
 neighbor 192.168.10.2 timers 3 9
 neighbor 192.168.10.2 timers connect 1
exit
!
"""
CUSTOMER = """\
interface lan0
 ip address 192.168.10.2/24
exit
ip route 172.16.1.0/24 blackhole
router bgp 65010
 bgp router-id 192.168.10.2
 no bgp ebgp-requires-policy
 neighbor 192.168.10.1 remote-as 65001
 neighbor 192.168.10.1 timers 3 9
 neighbor 192.168.10.1 timers connect 1
 address-family ipv4 unicast
  network 172.16.1.0/24
 exit-address-family
exit
"""
#: The first process of the router, with the folder of its day zero as its argument.
BOOT = """\
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/own/etc /run/own/lib /run/own/log /run/frr/customer
cp -a /etc/. /run/own/etc
for part in etc lib log; do
  target=/etc; [ $part = etc ] || target=/var/$part
  mount --bind /run/own/$part $target
done
rm -rf /etc/frr/* /etc/ssh/*_key*
mkdir -p /etc/spokesman /var/lib/spokesman
cp "$1"/identity.json "$1"/spokesman-router /etc/spokesman
cp "$1"/confirmed /var/lib/spokesman
ip link set lo up
ip netns add customer
ip link add eth1 type veth peer name lan0 netns customer
ip -n customer link set lan0 up
cp "$1"/customer.conf /run/frr/customer/frr.conf
chown -R frr:frr /run/frr
for daemon in zebra bgpd staticd; do
  ip netns exec customer /usr/lib/frr/$daemon -d -N customer -A 127.0.0.1 -P 0 </dev/null >/dev/null 2>&1
done
vtysh -N customer -f /run/frr/customer/frr.conf >/dev/null
echo made
until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
exec /etc/spokesman/spokesman-router serve
"""
_numbers = count()


def missing() -> str:
    """What this machine lacks to run the router; empty: nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    packages = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
    return f"run: apt-get install --no-install-recommends {' '.join(packages)}" if packages else ""


class LinuxRouter:
    """The router while it runs; ``address`` is where it is reached from here."""

    def __init__(self, folder: Path) -> None:
        assert not missing(), missing()
        number = (os.getpid() * 64 + next(_numbers)) % 2**14
        network = (198 << 24) + (18 << 16) + 4 * number
        gateway, self.address = (_dotted(network + host) for host in (1, 2))
        self._link = f"spk{number}"
        self._log = (folder / "log").open("w+")
        self.document = document(self.address, gateway)
        _day_zero(folder, self.document)
        self._init = subprocess.Popen(
            ["unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-e",
             "-c", BOOT, "sh", str(folder)],
            stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip
        assert self._init.stdout is not None
        try:
            assert self._init.stdout.readline() == "made\n", self.said()
            _ip("link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns", str(self._init.pid))
            _ip("address", "add", f"{gateway}/30", "dev", self._link)
            _ip("link", "set", self._link, "up")
            self.host_key = self._answers()
        except BaseException:
            self.close()
            raise

    def inside(self, *command: str) -> str:
        """What a command says that is run on the router."""
        entered = ["nsenter", "--target", str(self._init.pid), "--mount", "--net", "--uts", *command]
        return subprocess.run(entered, check=True, capture_output=True, text=True, timeout=60).stdout

    def path(self, name: str) -> Path:
        """A file of the router, as it is reached from here."""
        return Path(f"/proc/{self._init.pid}/root") / name.lstrip("/")

    def drop_sessions(self) -> None:
        """Kill every process of sshd that serves a login."""
        own = Path(f"/proc/{self._init.pid}/ns/mnt").readlink()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                served = (entry / "cmdline").read_bytes().startswith(f"sshd: {USER}".encode())
                if served and (entry / "ns/mnt").readlink() == own:
                    os.kill(int(entry.name), signal.SIGKILL)
            except (OSError, ProcessLookupError):
                continue

    def said(self) -> str:
        """What the program has written."""
        self._log.flush()
        log = self.path("/var/log/spokesman-router.log")
        return Path(self._log.name).read_text() + (log.read_text() if log.exists() else "")

    def close(self) -> None:
        """End every process of the router; its network goes with them."""
        self._init.kill()
        self._init.wait(20)
        if self._init.stdout:
            self._init.stdout.close()
        self._log.close()

    def _answers(self) -> str:
        key = ""

        def found() -> bool:
            nonlocal key
            try:
                key = offered_key(self.address, 22, 2)
            except (OSError, EOFError, SSHException):
                assert self._init.poll() is None, self.said()
            return bool(key)

        until(found, START_S, self.said)
        return key


def until(true: Callable[[], bool], seconds: float, said: Callable[[], str] = str) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, said()
        time.sleep(0.1)


def document(address: str, gateway: str) -> str:
    """The router's configuration."""
    files = {
        "etc/spokesman/network.toml": NETWORK.format(name=NAME, address=address, gateway=gateway, vpn=VPN),
        "etc/spokesman/users": f"{USER}:{HASH}\n",
        FRR: ROUTING,
        "etc/ssh/sshd_config": SSHD.format(address=address),
    }
    return write(Document(tuple(File(path, content) for path, content in files.items())))


def _day_zero(folder: Path, confirmed: str) -> None:
    (folder / "confirmed").write_text(confirmed)
    (folder / "identity.json").write_text(json.dumps({"serial": SERIAL, "model": "namespaces"}))
    (folder / "customer.conf").write_text(CUSTOMER)
    program = folder / "spokesman-router"
    program.write_bytes(onboard_program())
    program.chmod(0o755)


def _dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=20)


@contextmanager
def linux_router() -> Iterator[Target]:
    """The router, new and whole."""
    with tempfile.TemporaryDirectory() as folder:
        router = LinuxRouter(Path(folder))
        try:
            place = Place(NAME, SERIAL, router.address, 22, router.host_key)
            yield made(LINUX, place, (USER, PASSWORD), lab=router)
        finally:
            router.close()
