"""A lab under Debian's own kernel in qemu, emulated: it needs no support of the processor, and lacks nothing.

Why not user-mode Linux, which starts as fast: Debian's build of it knows nftables for bridges only, so no filter of a
router could be loaded, and it has one processor. Measured on the same machine, 50 forks take it 6.6 s and qemu 0.5 s.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from agent.lab.real.initramfs import make_initramfs
from agent.lab.real.machine import launch, write_inside
from agent.lab.real.outside import Place
from agent.lab.real.plan import Plan

QEMU = "qemu-system-x86_64"
_PORT = 7
#: Without tests of ciphers, mitigations and page table isolation, an emulated kernel starts in two thirds of the time.
#: What is at the same address in every process is translated once. Audit stays on: without it the kernel looks for its
#: module at each login and each vtysh, which takes them twice the time.
_ARGUMENTS = (
    "console=ttyS0 quiet panic=-1 net.ifnames=0 mitigations=off nopti nokaslr no5lvl lsm=capability "
    "cryptomgr.notests init_on_alloc=0 rcupdate.rcu_expedited=1 norandmaps"
)


class Guest:
    """Boxes in a machine of their own. ``memory_mb`` is all that they have together, disks included."""

    def __init__(self, memory_mb: int = 1536, processors: int = 2) -> None:
        self._memory_mb = memory_mb
        self._processors = processors

    def missing(self) -> list[str]:
        """What is not installed."""
        missing = [] if shutil.which(QEMU) else [f"{QEMU} is missing: apt-get install qemu-system-x86"]
        if not _kernels():
            missing.append("a kernel for guests is missing: apt-get install linux-image-amd64")
        if not Path("/bin/busybox").exists():
            missing.append("busybox is missing: apt-get install busybox")
        return missing

    def address(self, place: Place) -> tuple[str, int]:
        """The inside's end of the link."""
        return place.link.there, _PORT

    def start(self, place: Place, plan: Plan) -> subprocess.Popen[bytes]:
        """Start qemu; the interface towards the guest is its own and goes with it."""
        inside = write_inside(place, plan, guest=True, port=_PORT)
        kernel = _kernels()[-1]
        first = place.folder / "initramfs"
        first.write_bytes(make_initramfs(kernel.name.removeprefix("vmlinuz-"), inside))
        return launch(place, [QEMU, *self._machine(), *_devices(place), "-kernel", str(kernel), "-initrd", str(first)])

    def _machine(self) -> list[str]:
        return [
            *("-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "Nehalem", "-smp", str(self._processors)),
            *("-m", str(self._memory_mb), "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot"),
            *("-append", _ARGUMENTS),
        ]


def _devices(place: Place) -> list[str]:
    return [
        *("-netdev", f"tap,id=way,ifname={place.device},script=no,downscript=no"),
        *("-device", "virtio-net-pci,netdev=way,romfile="),
        "-virtfs",
        "local,path=/,mount_tag=machine,security_model=passthrough,multidevs=remap,readonly=on",
    ]


def _kernels() -> list[Path]:
    """Debian's kernels with a file system over virtio, oldest first; those for clouds lack it."""
    found = [path for path in Path("/boot").glob("vmlinuz-*-amd64") if "-cloud-" not in path.name]
    return sorted(
        found, key=lambda path: [int(part) for part in path.name.replace(".", "-").split("-") if part.isdigit()]
    )
