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
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from paramiko.ssh_exception import SSHException

from agent.drivers.ssh import offered_key
from device_templates.linux_frr.onboard import onboard_program
from device_templates.linux_frr.reading.document import Document, File, write
from tests.contract.dialects import FRR, LINUX, VPN
from tests.contract.targets import Place, Target, made
from tests.lab.onboard.machine import Machine, shell

NAME, SERIAL, USER, PASSWORD = "acme-lon-r1", "SN-4711", "spokesman", "Planted-Login-7"
#: bcrypt of PASSWORD.
HASH = "$2b$04$/CtUOeiuXVSdGo9KPnll6ePS5k1Pd/EfTviTKgLPegpwVuqGLOAhK"
NEEDED = {
    "unshare": "util-linux", "ip": "iproute2", "/usr/sbin/sshd": "openssh-server", "/usr/lib/frr/bgpd": "frr",
    "/usr/lib/frr/frr-reload.py": "frr-pythontools", "ping": "iputils-ping",
}  # fmt: skip
PROGRAM = "/etc/spokesman/spokesman-router"
SSHD = """\
Port 22
ListenAddress {address}
HostKey /etc/ssh/router_ed25519_key
PasswordAuthentication yes
PermitRootLogin no
UsePAM no
Subsystem spokesman {program} relay
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
 neighbor 192.168.10.2 timers 10 30
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
 neighbor 192.168.10.1 passive
 neighbor 192.168.10.1 timers 10 30
 address-family ipv4 unicast
  network 172.16.1.0/24
 exit-address-family
exit
"""
#: Makes the customer's router: FRR in a namespace that the router's own program leaves alone.
NEIGHBOUR = """\
ip netns add customer
ip link add eth1 type veth peer name lan0 netns customer
ip -n customer link set lan0 up
mkdir -p /run/frr/customer
cat > /run/frr/customer/frr.conf
chown -R frr:frr /run/frr
for daemon in zebra bgpd staticd; do
  ip netns exec customer /usr/lib/frr/$daemon -d -N customer -A 127.0.0.1 -P 0 </dev/null >/dev/null 2>&1
done
vtysh -N customer -f /run/frr/customer/frr.conf >/dev/null
"""
_numbers = count()


def missing() -> str:
    """What this machine lacks to run the router; empty: nothing."""
    if os.geteuid() != 0:
        return "root, for network namespaces"
    packages = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
    return f"apt-get install --no-install-recommends {' '.join(packages)}" if packages else ""


class LinuxRouter:
    """The router while its machine runs; ``address`` is where it is reached from here."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        number = (os.getpid() * 64 + next(_numbers)) % 2**14
        network = IPv4Address("198.18.0.0") + 4 * number
        gateway, self.address = (str(network + host) for host in (1, 2))
        _day_zero(machine, document(self.address, gateway))
        machine.run("sh", "-e", "-c", NEIGHBOUR, given=CUSTOMER)
        here = f"spk{number}"
        shell("ip", "link", "add", here, "type", "veth", "peer", "name", "eth0", "netns", str(machine.pid))
        shell("ip", "address", "add", f"{gateway}/30", "dev", here)
        shell("ip", "link", "set", here, "up")
        machine.serve()
        self.host_key = ""
        until(self._has_answered, 20, self.said)

    def inside(self, *command: str) -> str:
        """What a command says that is run on the router."""
        return self._machine.run(*command)

    def drop_sessions(self) -> None:
        """Kill every process of sshd that serves a login."""
        own = Path(f"/proc/{self._machine.pid}/ns/mnt").readlink()
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                served = (entry / "cmdline").read_bytes().startswith(f"sshd: {USER}".encode())
                if served and (entry / "ns/mnt").readlink() == own:
                    os.kill(int(entry.name), signal.SIGKILL)

    def said(self) -> str:
        """What the program has logged."""
        return self._machine.log()

    def _has_answered(self) -> bool:
        with suppress(OSError, EOFError, SSHException):
            self.host_key = offered_key(self.address, 22, 5)
        return bool(self.host_key)


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
        "etc/ssh/sshd_config": SSHD.format(address=address, program=PROGRAM),
    }
    return write(Document(tuple(File(path, content) for path, content in files.items())))


def _day_zero(machine: Machine, confirmed: str) -> None:
    for folder in ("/etc/spokesman", "/var/lib/spokesman"):
        machine.path(folder).mkdir()
    program = machine.path(PROGRAM)
    program.write_bytes(onboard_program())
    program.chmod(0o755)
    machine.path("/etc/spokesman/identity.json").write_text(json.dumps({"serial": SERIAL, "model": "namespaces"}))
    machine.path("/var/lib/spokesman/confirmed").write_text(confirmed)


@contextmanager
def linux_router() -> Iterator[Target]:
    """The router, new and whole."""
    lacking = missing()
    if lacking:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"a real linux_frr router needs: {lacking}")
    with TemporaryDirectory() as folder, Machine(Path(folder)) as machine:
        router = LinuxRouter(machine)
        place = Place(NAME, SERIAL, router.address, 22, router.host_key)
        yield made(LINUX, place, (USER, PASSWORD), lab=router)
