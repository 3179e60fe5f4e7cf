"""A box: a machine of its own namespaces, whose disk outlives it and whose first process is this one."""

# pathlib and what it needs take a fifth of a second to import in a guest:
# ruff: noqa: PTH101, PTH102, PTH103, PTH108, PTH110, PTH115, PTH120, PTH123, PTH211
from __future__ import annotations

import os
import signal
import socket
import traceback
from typing import Any

from agent.lab.real.inside.serve import run_script, serve
from agent.lab.real.inside.system import (
    NEW_IPC,
    NEW_MOUNTS,
    NEW_NAME,
    NEW_NETWORK,
    NEW_PIDS,
    PRIVATE,
    RECURSIVE,
    change_root,
    mount,
    set_name,
    unshare,
)
from agent.lab.real.inside.units import BOOT, SYSTEMCTL

#: Folders of the machine's own file system that a blank box does not have.
BLANK = (
    *("root", "home", "srv", "tmp", "mnt", "var/log", "var/tmp", "var/lib/snmp", "var/lib/spokesman"),
    *("etc/spokesman", "etc/ssh", "etc/systemd/system"),
)
#: Character devices of a box: name, major, minor.
DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0))
#: How long what is enabled on a box may take to start, in seconds.
_BOOT_S = 120


def make_disk(disk: str, files: dict[str, str]) -> None:
    """A new disk in the folder ``disk``: the machine's own file system below, ``files`` and emptied folders above."""
    for folder in ("root", "upper", "work"):
        os.makedirs(f"{disk}/{folder}")
    for name in BLANK:
        os.makedirs(f"{disk}/upper/{name}", exist_ok=True)
        os.setxattr(f"{disk}/upper/{name}", "trusted.overlay.opaque", b"y")
    for folder, mode in (("root", 0o700), ("tmp", 0o1777), ("var/tmp", 0o1777)):
        os.chmod(f"{disk}/upper/{folder}", mode)
    for name, text in {**files, "usr/bin/systemctl": SYSTEMCTL}.items():
        path = f"{disk}/upper/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755 if "bin/" in name else 0o644)


def start_box(name: str, disk: str, door: str, boot: str) -> tuple[int, int]:
    """Switch a box on: its first process's id, and a handle to close when its cables are plugged in.

    ``door`` is the path of its console's socket, ``boot`` the script that it runs then.
    """
    if os.path.exists(door):
        os.unlink(door)
    console = socket.socket(socket.AF_UNIX)
    console.bind(door)
    console.listen(50)
    told, tell = os.pipe()
    plugged, plug = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.close(plug)
        unshare(NEW_MOUNTS | NEW_NAME | NEW_IPC | NEW_PIDS | NEW_NETWORK)
        first = os.fork()
        if first:
            os._exit(0)
        _live(name, disk, console, boot, (tell, plugged))
    os.waitpid(parent, 0)
    os.close(tell)
    os.close(plugged)
    console.close()
    with os.fdopen(told) as said:
        answer = said.readline().strip()
    if not answer.isdigit():
        raise RuntimeError(f"{name} did not start: {answer}")
    return int(answer), plug


def _live(name: str, disk: str, console: socket.socket, boot: str, signals: tuple[int, int]) -> None:
    """The box's first process, from here to its end."""
    tell, plugged = signals
    try:
        os.setsid()
        _close_all_but(console.fileno(), *signals)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pid = os.readlink("/proc/self")
        _mounts(disk)
        set_name(name)
        os.write(tell, f"{pid}\n".encode())
        os.close(tell)
        os.read(plugged, 1)
        os.close(plugged)
        if os.fork() == 0:
            run_script(f"ip link set lo up\n{boot}{BOOT}", _BOOT_S)
            os._exit(0)
        serve(console, _answer)
    except BaseException as problem:  # noqa: BLE001 - a first process must say why it ends
        traceback.print_exc()
        os.write(tell, f"{problem}\n".encode())
    finally:
        os._exit(1)


def _close_all_but(*kept: int) -> None:
    first = 3
    for handle in sorted(kept):
        os.closerange(first, handle)
        first = handle + 1
    os.closerange(first, 1024)


def _answer(request: dict[str, Any]) -> Any:
    return run_script(str(request["script"]), float(request["timeout_s"]))


def _mounts(disk: str) -> None:
    root = f"{disk}/root"
    mount("none", "/", flags=RECURSIVE | PRIVATE)
    mount("overlay", root, "overlay", options=f"lowerdir=/,upperdir={disk}/upper,workdir={disk}/work")
    for folder, options in (("run", "mode=755"), ("tmp", "mode=1777"), ("dev", "mode=755")):
        mount("tmpfs", f"{root}/{folder}", "tmpfs", options=options)
    change_root(root)
    mount("proc", "/proc", "proc")
    mount("sysfs", "/sys", "sysfs")
    os.umask(0)
    for name, major, minor in (*DEVICES, ("net/tun", 10, 200)):
        os.makedirs(os.path.dirname(f"/dev/{name}"), exist_ok=True)
        os.mknod(f"/dev/{name}", 0o20666, os.makedev(major, minor))
    os.umask(0o022)
    os.mkdir("/dev/pts")
    mount("devpts", "/dev/pts", "devpts", options="newinstance,ptmxmode=0666,mode=620")
    os.mkdir("/dev/shm")  # noqa: S108 - the box's own
    mount("tmpfs", "/dev/shm", "tmpfs")  # noqa: S108
    for name, target in (
        ("ptmx", "pts/ptmx"),
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ):
        os.symlink(target, f"/dev/{name}")
    os.makedirs("/run/lock")
    os.makedirs("/run/systemd/system")
