"""The system calls that Python 3.11 does not have: mounts and namespaces."""

from __future__ import annotations

import ctypes
import os
import signal

_LIBC = ctypes.CDLL(None, use_errno=True)
_PIVOT_ROOT = 155  # on x86-64
_SET_DEATH_SIGNAL = 1

NEW_MOUNTS, NEW_NAME, NEW_IPC, NEW_PIDS, NEW_NETWORK = 0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
_DETACH = 2


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2); OSError names the target."""
    _check(
        _LIBC.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()),
        f"mount {kind} on {target}",
    )


def unshare(flags: int) -> None:
    """unshare(2)."""
    _check(_LIBC.unshare(flags), "unshare")


def enter_network(path: str) -> None:
    """Move this process into the network namespace kept at ``path``."""
    handle = os.open(path, os.O_RDONLY)
    try:
        _check(_LIBC.setns(handle, NEW_NETWORK), f"enter the network of {path}")
    finally:
        os.close(handle)


def change_root(root: str) -> None:
    """Make ``root``, a mount point, this process's / and drop the old one."""
    os.chdir(root)
    _check(_LIBC.syscall(_PIVOT_ROOT, b".", b"."), f"make {root} the root")
    _check(_LIBC.umount2(b".", _DETACH), "leave the old root")
    os.chdir("/")


def die_with_parent() -> None:
    """Be killed when the process that started this one ends."""
    _check(_LIBC.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0), "ask for the parent's end")


def set_name(name: str) -> None:
    """sethostname(2)."""
    _check(_LIBC.sethostname(name.encode(), len(name)), "set the host name")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
