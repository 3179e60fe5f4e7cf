"""The first process of the inside: builds what the plan says, then does what it is asked."""

# pathlib and what it needs take a fifth of a second to import in a guest:
# ruff: noqa: PTH103, PTH108, PTH110, PTH123
from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from functools import partial
from typing import Any

from agent.lab.real.inside import capture, network, places
from agent.lab.real.inside.apart import apart
from agent.lab.real.inside.box import make_disk, start_box
from agent.lab.real.inside.serve import ENVIRONMENT, ask, run_script, serve
from agent.lab.real.inside.system import (
    NEW_IPC,
    NEW_MOUNTS,
    NEW_NAME,
    NEW_NETWORK,
    NEW_PIDS,
    PRIVATE,
    RECURSIVE,
    die_with_parent,
    enter_network,
    mount,
    unshare,
)


class Inside:
    """The plan, and what is done with it on request. Every request is answered in a process of its own."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._held = False
        self._verbs = {
            "hold": self._hold,
            "run": self._run,
            "power": self._power,
            "link": self._link,
            "lose": self._lose,
            "capture": self._capture,
        }

    def build(self) -> None:
        """Make the namespaces, the boxes and their cables."""
        for folder in ("disks", "consoles", "pids"):
            os.makedirs(f"{places.LAB}/{folder}", exist_ok=True)
        network.make_spaces(self._plan["spaces"])
        for space in sorted({*self._plan["setup"], *self._plan["settings"]}):
            network.configure(space, self._plan["setup"].get(space, ()), self._plan["settings"].get(space))
        for started in [apart(f"start {box['name']}", partial(self._first_start, box)) for box in self._plan["boxes"]]:
            started.wait()

    def answer(self, request: dict[str, Any]) -> Any:
        """Do one request: {"do": verb, …}."""
        return self._verbs[request["do"]](request)

    def left(self) -> None:
        """A client has gone; with the one that held the lab, the lab ends."""
        if self._held:
            os.kill(1, signal.SIGTERM)

    def _hold(self, _: dict[str, Any]) -> None:
        self._held = True

    def _first_start(self, box: dict[str, Any]) -> None:
        make_disk(places.disk(box["name"]), box["files"])
        self._switch_on(box)

    def _switch_on(self, box: dict[str, Any]) -> None:
        name = box["name"]
        pid, plugged = start_box(name, places.disk(name), places.console(name), box["boot"])
        try:
            network.plug(self._cables(name), pid)
        finally:
            os.close(plugged)
        with open(places.first_process(name), "w") as file:
            file.write(str(pid))

    def _cables(self, box: str) -> list[dict[str, Any]]:
        return [cable for cable in self._plan["cables"] if cable["box"] == box]

    def _box(self, name: str) -> dict[str, Any]:
        for box in self._plan["boxes"]:
            if box["name"] == name:
                return dict(box)
        raise KeyError(f"no box is called {name}")

    def _run(self, request: dict[str, Any]) -> Any:
        node = request["node"]
        if os.path.exists(places.space(node)):
            enter_network(places.space(node))
        elif node:
            self._box(node)
            if not os.path.exists(places.first_process(node)):
                raise RuntimeError(f"{node} is switched off")
            return ask(places.console(node), request)
        return run_script(request["script"], request["timeout_s"])

    def _power(self, request: dict[str, Any]) -> None:
        box = self._box(request["box"])
        path = places.first_process(box["name"])
        if request["on"] == os.path.exists(path):
            return
        if request["on"]:
            self._switch_on(box)
            return
        with open(path) as file:
            pid = int(file.read())
        os.unlink(path)
        os.unlink(places.console(box["name"]))
        network.unplug(self._cables(box["name"]))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _link(self, request: dict[str, Any]) -> None:
        state = "up" if request["up"] else "down"
        network.configure(request["space"], [f"link set {request['interface']} {state}"])

    def _lose(self, request: dict[str, Any]) -> None:
        network.lose(request["space"], request["interface"], int(request["percent"]))

    def _capture(self, request: dict[str, Any]) -> Any:
        if request["on"]:
            return capture.start(request["space"], request["interfaces"])
        return capture.stop()


def main(folder: str) -> None:
    """Start the inside whose plan and settings lie in ``folder``; never returns."""
    os.environ.update(ENVIRONMENT)
    with open(f"{folder}/inside.json") as file:
        given = json.load(file)
    guest = bool(given["guest"])
    if not guest:
        _enter_namespaces(given["device"])
    signal.signal(signal.SIGTERM, lambda *_: _end(guest))
    door = _door(given, folder)
    _prepare(guest)
    inside = Inside(given["plan"])
    inside.build()
    print("the inside is ready", flush=True)
    serve(door, inside.answer, inside.left)


def _enter_namespaces(device: str) -> None:
    """Become the first process of namespaces of one's own, linked to where this was started by ``device`` there.

    What was started waits for it.
    """
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    unshare(NEW_MOUNTS | NEW_NAME | NEW_IPC | NEW_PIDS | NEW_NETWORK)
    first = os.fork()
    if first:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 0x7F)
    die_with_parent()
    mount("none", "/", flags=RECURSIVE | PRIVATE)
    mount("proc", "/proc", "proc")
    link = f"link add outside type veth peer name {device} netns /proc/self/fd/{home}"
    subprocess.run(["ip", *link.split()], pass_fds=[home], check=True)
    os.close(home)


def _prepare(guest: bool) -> None:
    if guest:
        mount("proc", "/proc", "proc")
        _warm_up()
        mount("sysfs", "/sys", "sysfs")
    mount("tmpfs", "/run", "tmpfs", options="mode=755")
    # A guest's only interface takes the name that it has elsewhere; a kernel of its time also refuses a cable's end
    # the name of an interface that is here, wherever that end goes.
    network.ip_batch("link set lo up\n" + ("link set eth0 name outside\n" if guest else ""))


def _warm_up() -> None:
    """Let the kernel load ciphers and seed its random numbers now: the first association would wait seconds for it."""
    ends = "src 192.0.2.1 dst 192.0.2.2 proto esp spi 1"
    cipher = f"mode transport aead rfc4106(gcm(aes)) 0x{'00' * 20} 128"
    if os.fork() == 0:
        subprocess.run(["ip", "xfrm", "state", "add", *ends.split(), *cipher.split()], check=False)
        subprocess.run(["ip", "xfrm", "state", "delete", *ends.split()], check=False)
        os._exit(0)


def _end(guest: bool) -> None:
    """Switch off: a guest as a machine does, namespaces by the end of their first process."""
    if guest:
        with open("/proc/sysrq-trigger", "w") as file:
            file.write("o")
        return
    os._exit(0)


def _door(given: dict[str, Any], folder: str) -> socket.socket:
    """Where the outside asks: TCP on a guest's link, a file's name otherwise."""
    if given["guest"]:
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("", given["port"]))
    else:
        door = socket.socket(socket.AF_UNIX)
        door.bind(f"{folder}/door")
    door.listen(50)
    return door
