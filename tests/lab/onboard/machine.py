"""A machine for the router's program: namespaces of its own for network, mounts, names and processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from device_templates.linux_frr.onboard import onboard_program

_INIT = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/boot"
cp "$2" "$1/spokesman-router"; chmod 755 "$1/spokesman-router"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
cat /proc/sys/kernel/random/uuid > "$1/boot/id"
mount --bind "$1/boot/id" /proc/sys/kernel/random/boot_id
for folder in /run /var/lib /var/log; do mount -t tmpfs -o size=32m tmpfs $folder; done
mkdir -p /var/log/frr /run/lock
hostname blank
exec sleep infinity
"""


NEEDED = {
    "unshare": "util-linux",
    "ip": "iproute2",
    "nft": "nftables",
    "sysctl": "procps",
    "/usr/sbin/sshd": "openssh-server",
    "/usr/sbin/keepalived": "keepalived",
    "/usr/sbin/rsyslogd": "rsyslog",
    "/usr/lib/frr/bgpd": "frr",
    "/usr/lib/frr/frr-reload.py": "frr-pythontools",
}


def missing() -> str:
    """What this computer lacks to be a machine; empty where it lacks nothing."""
    if os.geteuid() != 0:
        return "namespaces need root"
    packages = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
    return f"apt-get install --no-install-recommends {' '.join(packages)}" if packages else ""


def shell(*command: str, check: bool = True, given: str = "") -> str:
    """Run a command of the test's own; its output."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something is true, at most so long."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.03)
    return True


class Machine:
    """A blank router: `serve` starts the program on it, `ask` talks to it, `reboot` leaves only its disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder / "machine"
        self._root.mkdir()
        self.program_path = f"{self._root}/spokesman-router"
        program = folder / "program"
        program.write_bytes(onboard_program())
        self._outer = subprocess.Popen(
            ["unshare", "-nmupf", "--mount-proc", "--kill-child", "bash", "-c", _INIT, "init", self._root, program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "init.log").open("w"),
        )
        self.pid = self._first_process()
        self.program: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._outer.kill()
        self._outer.wait()
        if self.program is not None:
            self.program.wait()

    def path(self, path: str) -> Path:
        """A path of the machine, as this process sees it."""
        return Path(f"/proc/{self.pid}/root") / path.lstrip("/")

    def run(self, *command: str, check: bool = True, given: str = "") -> str:
        """Run a command on the machine; its output."""
        return shell("nsenter", "-n", "-m", "-u", "-p", "-t", str(self.pid), *command, check=check, given=given)

    def plug(self, name: str, other: Machine, other_name: str) -> None:
        """Join two machines by a cable."""
        shell("ip", "link", "add", "name", name, "netns", str(self.pid), "type", "veth",
              "peer", "name", other_name, "netns", str(other.pid))  # fmt: skip

    def serve(self, *program: str) -> None:
        """Start the program, and wait until it answers."""
        command = program or (self.program_path, "serve")
        self.program = subprocess.Popen(
            ["nsenter", "-n", "-m", "-u", "-p", "-t", str(self.pid), *command],
            stdin=subprocess.DEVNULL,
            stdout=(self._folder / "serve.log").open("a"),
            stderr=subprocess.STDOUT,
        )
        if not eventually(self.answers, 20):
            raise RuntimeError(f"the program does not answer: {(self._folder / 'serve.log').read_text()}")

    def kill(self) -> None:
        """End the program as a crash would."""
        if self.program is None:
            return
        for child in Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        self.program.wait()

    def alive(self) -> bool:
        """Whether the program still runs."""
        return self.program is not None and self.program.poll() is None

    def reboot(self) -> None:
        """Lose every process, namespace and file of this boot; keep the disk."""
        self.kill()
        script = (
            "kill -9 -1;"
            "for space in /run/netns/*; do ip netns delete ${space##*/}; done;"
            "find /run -mindepth 1 -delete; mkdir -p /run/lock; cat /proc/sys/kernel/random/uuid > $0"
        )
        self.run("bash", "-c", script, f"{self._root}/boot/id", check=False)

    def answers(self) -> bool:
        """Whether the program takes requests."""
        try:
            return bool(self.ask("pending")["ok"])
        except OSError:
            return False

    def ask(self, verb: str, **given: Any) -> dict[str, Any]:
        """Send one request over the control socket; its answer."""
        with self.connect() as wire, wire.makefile("rwb") as lines:
            lines.write(json.dumps({"verb": verb, "args": given}).encode() + b"\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(lines.readline() or b'{"ok": false, "kind": "gone"}')
            return answer

    def connect(self) -> socket.socket:
        """A connection to the control socket."""
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wire.settimeout(60)
        wire.connect(str(self.path("/run/spokesman/control")))
        return wire

    def result(self, verb: str, **given: Any) -> Any:
        """The result of a request that must succeed."""
        answer = self.ask(verb, **given)
        if not answer["ok"]:
            raise AssertionError(f"{verb}: {answer}\n{self.log()}")
        return answer["result"]

    def log(self) -> str:
        """What the program logged."""
        return self.run("cat", "/var/log/spokesman-router.log", check=False)

    def _first_process(self) -> int:
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children")
        if not eventually(lambda: bool(children.read_text().split()) and self._ready(children)):
            raise RuntimeError(f"no machine: {(self._folder / 'init.log').read_text()}")
        return int(children.read_text().split()[0])

    def _ready(self, children: Path) -> bool:
        return Path(f"/proc/{children.read_text().split()[0]}/comm").read_text().strip() == "sleep"
