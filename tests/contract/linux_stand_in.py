"""A stand-in for a linux_frr router: the wire of its program over real SSH, nothing behind it, every fault on demand.

What it proves is the driver's behaviour towards a peer that goes wrong; what a router does is proved by the real one.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from device_templates.errors import NotParsable
from device_templates.linux_frr.reading.document import Document, File, parse, write
from tests.contract.dialects import FRR, LINUX, VPN
from tests.contract.targets import Place, Target, made

NAME, SERIAL, USER, PASSWORD = "acme-lon-r1", "SN-4711", "spokesman", "Planted-Login-7"
SECRET = "Planted-Psk-8"
NETWORK = f"""\
hostname = "{NAME}"
[front_door]
interface = "eth0"
address = "198.51.100.10/29"
gateway = "198.51.100.9"
mtu = 1500
[[vpn]]
name = "{VPN}"
"""
ROUTING = "router bgp 65001\n neighbor 10.255.8.1 remote-as 65000\nexit\n!\n"
SWANCTL = f"""\
secrets {{
  ike-vpn {{
    id = %any
    secret = "{SECRET}"
  }}
}}
"""
DOCUMENT = write(
    Document(
        (
            File("etc/spokesman/network.toml", NETWORK),
            File(FRR, ROUTING),
            File("etc/ssh/sshd_config", "Subsystem spokesman /usr/sbin/spokesman-router relay\n"),
            File("etc/swanctl/swanctl.conf", SWANCTL),
        )
    )
)
SHOWN = {
    "interfaces": {"": [{"ifname": "lo", "mtu": 65536, "flags": ["UP", "LOWER_UP"], "link_type": "loopback"}]},
    "bgp": {VPN: {"summary": {"ipv4Unicast": {"routerId": "10.255.8.2", "peers": {}}}, "neighbors": {}}},
}
Answer = dict[str, Any]


class No(Exception):
    """The program says no."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


@dataclass
class Router:
    """What the router holds; ``faults`` are by verb what is done instead of answering, ``seen`` the verbs in order.

    ``busy``: a change is being applied or reverted. ``old``: the program as it was before a commit named its digest.
    """

    running: str = DOCUMENT
    startup: str = DOCUMENT
    staged: str = ""
    before: str = ""
    pending_by: str = ""
    busy: bool = False
    old: bool = False
    now: float = 0.0
    until: float = 0.0
    serial: str = SERIAL
    room: int = 10_000_000
    faults: dict[str, Callable[[paramiko.Channel], object]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def tick(self) -> None:
        """What is due happens."""
        if self.pending_by and self.now >= self.until:
            self.do_revert()

    def answer(self, line: bytes) -> Answer:
        """The answer to one request."""
        asked = json.loads(line)
        self.tick()
        try:
            return {"ok": True, "result": getattr(self, f"do_{asked['verb']}")(**asked["args"])}
        except No as no:
            return {"ok": False, "kind": no.kind, "message": str(no)}
        except (AttributeError, TypeError):
            return {"ok": False, "kind": "refused", "message": f"{asked['verb']} is not known"}

    def do_facts(self) -> Answer:
        hostname = next(line for line in self.running.splitlines() if line.startswith("hostname")).split('"')[1]
        return {"hostname": hostname, "serial": self.serial, "model": "Stand-in", "version": "12", "uptime_s": 100}

    def do_running(self) -> Answer:
        self._must_rest()
        return {"text": self.running}

    def do_startup(self) -> Answer:
        return {"text": self.startup}

    def do_load(self, text: str, mode: str) -> Answer:
        if len(text) > self.room:
            raise No("failed", f"no space for {len(text)} bytes")
        try:
            given = parse(text)
        except NotParsable as error:
            raise No("refused", str(error)) from None
        if mode == "merge":
            self._must_rest()
            held = {one.path: one.content for one in parse(self.running).files}
            for one in given.files:
                held[one.path] = held.get(one.path, "") + one.content if one.path == FRR else one.content
            given = Document(tuple(File(path, content) for path, content in held.items()))
        self.staged = write(given)
        return {"sha256": _digest(self.staged)}

    def do_compare(self) -> Answer:
        self._must_rest()
        if not self.staged:
            raise No("refused", "nothing is loaded")
        old, new = ([*_lines(text)] for text in (self.running, self.staged))
        return {"text": "\n".join(difflib.unified_diff(old, new, "running", "staged", lineterm=""))}

    def do_commit(self, revert_in_s: int, user: str, message: str = "", sha256: str = "") -> Answer:
        self._must_rest()
        if self.pending_by:
            raise No("pending", f"a change of {self.pending_by} waits for confirmation")
        if not self.staged:
            raise No("refused", "nothing is loaded")
        if sha256 not in ("", _digest(self.staged)) and not self.old:
            raise No("refused", "what is loaded is another configuration than the one to be committed")
        if "no-such-command" in self.staged:
            raise No("rejected", f'vtysh refuses {FRR}: % Unknown command: no-such-command at all\nsecret = "{SECRET}"')
        self.before, self.running, self.staged = self.running, self.staged, ""
        self.pending_by, self.until = user, self.now + revert_in_s
        self.messages.append(message)
        return {}

    def do_pending(self) -> Answer | None:
        return {"user": self.pending_by, "left_s": self.until - self.now} if self.pending_by else None

    def do_confirm(self, user: str) -> Answer:
        self._must_wait()
        self.startup, self.before, self.pending_by = self.running, "", ""
        return {}

    def do_revert(self) -> Answer:
        self._must_wait()
        self.running, self.before, self.pending_by = self.before, "", ""
        return {}

    def do_discard(self) -> Answer:
        self.staged = ""
        return {}

    def do_show(self, topic: str, args: list[str]) -> Answer:
        if topic not in SHOWN:
            raise No("refused", f"{topic} is no topic")
        return {"text": json.dumps(SHOWN[topic])}

    def do_ping(self, address: str, vpn: str, source: str, count: int) -> Answer:
        return {"sent": count, "received": 0, "average_ms": None}

    def _must_rest(self) -> None:
        if self.busy:
            raise No("pending", "a change is being applied or reverted")

    def _must_wait(self) -> None:
        if not self.pending_by:
            raise No("nothing_pending", "no change waits")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if not line.startswith("%% end "))


class _Login(paramiko.ServerInterface):
    """One connection; the subsystem is served in a thread of its own."""

    def __init__(self, serve: Callable[[paramiko.Channel], None], served: bool) -> None:
        self._serve = serve
        self._served = served

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        return AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        if name == "spokesman" and self._served:
            threading.Thread(target=self._serve, args=(channel,), daemon=True).start()
            return True
        return False


class StandIn:
    """Serves a Router on 127.0.0.1; ``silent``: connections are taken and nothing is said on them."""

    def __init__(self, key: paramiko.PKey) -> None:
        self.router = Router()
        self.key = key
        self.silent = False
        self.has_program = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._links: list[socket.socket] = []
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def host_key(self) -> str:
        return f"{self.key.get_name()} {self.key.get_base64()}"

    def pass_time(self, seconds: float) -> None:
        """Let the router live for so long."""
        self.router.now += seconds
        self.router.tick()

    def drop_sessions(self) -> None:
        """Close every connection from this side."""
        for transport in self._transports:
            transport.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        self._listening.close()
        self.drop_sessions()
        for link in self._links:
            link.close()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listening.accept()
            except OSError:
                return
            self._links.append(link)
            if self.silent:
                continue
            transport = paramiko.Transport(link)
            transport.add_server_key(self.key)
            with suppress(paramiko.SSHException, EOFError):
                transport.start_server(threading.Event(), _Login(self._relay, self.has_program))
                self._transports.append(transport)

    def _relay(self, channel: paramiko.Channel) -> None:
        with suppress(EOFError, OSError, paramiko.SSHException), channel.makefile("rb") as requests:
            for line in requests:
                verb = json.loads(line)["verb"]
                self.router.seen.append(verb)
                if verb in self.router.faults:
                    self.router.faults[verb](channel)
                    continue
                channel.sendall(json.dumps(self.router.answer(line)).encode() + b"\n")
        with suppress(EOFError, OSError):
            channel.close()  # unless who asked has gone first


@contextmanager
def linux_stand_in() -> Iterator[Target]:
    """The stand-in, new and whole."""
    peer = StandIn(paramiko.ECDSAKey.generate())
    try:
        place = Place(NAME, SERIAL, "127.0.0.1", peer.port, peer.host_key)
        yield made(LINUX, place, (USER, PASSWORD), lab=peer, pass_time=peer.pass_time)
    finally:
        peer.close()
