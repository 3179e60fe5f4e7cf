"""The first file system of a guest: busybox, kernel modules, what is often opened, and the step to the real one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from agent.lab.errors import LabError
from agent.lab.real.hot import entries as hot_entries
from agent.lab.real.hot import hot_files

_FOLDERS = ("bin", "dev", "proc", "modules", "machine", "real", "hot")
_MODULES = ("virtio_pci", "virtio_net", "9pnet_virtio", "9p", "overlay")
_FOLDER, _PROGRAM = 0o040755, 0o100755


def make_initramfs(release: str, command: list[str]) -> bytes:
    """An archive whose /init mounts this machine's file system, read-only, and becomes ``command`` in it."""
    modules = _modules(release)
    entries: list[tuple[str, int, bytes]] = [(folder, _FOLDER, b"") for folder in _FOLDERS]
    entries.append(("bin/busybox", _PROGRAM, Path("/bin/busybox").read_bytes()))
    entries.append(("init", _PROGRAM, _init([path.name for path in modules], command).encode()))
    entries += [(f"modules/{path.name}", _PROGRAM, path.read_bytes()) for path in modules]
    entries += hot_entries(hot_files(), "hot")
    return _archive(entries)


def _modules(release: str) -> list[Path]:
    """What the guest needs before it has a file system, each after what it depends on."""
    paths: dict[str, None] = {}
    for name in _MODULES:
        asked = subprocess.run(
            ["modprobe", "--set-version", release, "--show-depends", name], capture_output=True, text=True
        )
        if asked.returncode != 0:
            raise LabError(f"kernel {release} lacks the module {name}: {asked.stderr.strip()}")
        paths |= {line.split()[1]: None for line in asked.stdout.splitlines() if line.startswith("insmod ")}
    return [Path(path) for path in paths]


def _init(modules: list[str], command: list[str]) -> str:
    loads = "\n".join(f"insmod /modules/{name}" for name in modules)
    return f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
{loads}
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose machine /machine
mount -t overlay -o ro,lowerdir=/hot:/machine overlay /real
mount --move /dev /real/dev
umount /proc
# Not switch_root, which would empty this file system: what is often opened stays in it.
cd /real
mount --move . /
exec chroot . {" ".join(command)}
"""


def _archive(entries: Iterable[tuple[str, int, bytes]]) -> bytes:
    """A cpio archive of the "newc" form, which the kernel unpacks."""
    parts: list[bytes] = []
    for number, (name, mode, content) in enumerate([*entries, ("TRAILER!!!", 0, b"")], start=1):
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        parts.append(_padded(b"070701" + "".join(f"{field:08X}" for field in fields).encode() + name.encode() + b"\0"))
        parts.append(_padded(content))
    return b"".join(parts)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
