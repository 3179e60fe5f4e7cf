"""What a guest opens all the time: files of this machine that it gets into its memory, above its file system.

Each opening of another file is a request to the emulator, and takes a guest milliseconds: a program with its libraries
is twenty of them. What is not among these files is still there, only slower.
"""

from __future__ import annotations

import re
import stat
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

#: What routers, hosts and the lab itself run.
_PROGRAMS = (
    *(
        "bash",
        "dash",
        "sh",
        "busybox",
        "cat",
        "chmod",
        "chown",
        "cp",
        "cut",
        "date",
        "env",
        "expr",
        "grep",
        "head",
        "id",
    ),
    *("install", "kill", "ln", "ls", "mkdir", "mktemp", "mv", "printf", "rm", "sed", "seq", "sleep", "sort", "stat"),
    *(
        "tail",
        "touch",
        "tr",
        "true",
        "wc",
        "base64",
        "basename",
        "dirname",
        "openssl",
        "nsenter",
        "unshare",
        "python3.11",
    ),
    *("python3", "ping", "ip", "tc", "nft", "sysctl", "modprobe", "kmod", "vtysh", "swanctl", "sshd", "ssh-keygen"),
    *(
        "zebra",
        "bgpd",
        "nhrpd",
        "staticd",
        "frr-reload.py",
        "charon",
        "snmpd",
        "rsyslogd",
        "chronyd",
        "chronyc",
        "keepalived",
        "useradd",
        "usermod",
        "groupadd",
        "getent",
        "chpasswd",
    ),
)
_PLACES = ("usr/bin", "usr/sbin", "usr/lib/frr", "usr/lib/ipsec")
#: Every file right in these folders: plugins, modules, and what Python imports.
_FOLDERS = (
    *("usr/lib/ipsec", "usr/lib/ipsec/plugins", "usr/lib/x86_64-linux-gnu/frr/modules"),
    *("usr/lib/x86_64-linux-gnu/rsyslog", "usr/lib/x86_64-linux-gnu/security"),
    *(f"usr/lib/python3.11/{name}" for name in (
        "lib-dynload", "encodings", "json", "importlib", "collections", "concurrent", "concurrent/futures", "re",
        "ctypes", "logging", "urllib", "email", "tomllib",
    )),
    "usr/lib/python3.11",
)  # fmt: skip
_FILES = ("etc/ld.so.cache", "etc/nsswitch.conf", "usr/lib/locale/C.utf8/LC_CTYPE", "usr/lib/ssl/openssl.cnf")
_LIBRARY = re.compile(r"(/\S+)(?: \(0x[0-9a-f]+\))?$", re.MULTILINE)


def hot_files(root: Path = Path("/")) -> list[Path]:
    """Paths relative to ``root``, without those that are not installed: files, and links to files among them."""
    programs = _installed(root, (f"{place}/{name}" for place in _PLACES for name in _PROGRAMS))
    others = [name for folder in _FOLDERS for name in (*_inside(root, folder), *_inside(root, f"{folder}/__pycache__"))]
    files = [*programs, *_libraries(programs), *_installed(root, (*_FILES, *others))]
    chosen = {path: None for one in files for path in _with_links(one)}
    return sorted(path.relative_to(root) for path in chosen)


def entries(files: Iterable[Path], below: str, root: Path = Path("/")) -> Iterator[tuple[str, int, bytes]]:
    """The files with their folders, as name below ``below``, mode and content, folders first."""
    made: dict[str, None] = {}
    for path in files:
        for folder in reversed(path.parents[:-1]):
            if str(folder) not in made:
                made[str(folder)] = None
                yield f"{below}/{folder}", (root / folder).stat().st_mode, b""
        place = root / path
        mode = place.lstat().st_mode
        yield f"{below}/{path}", mode, str(place.readlink()).encode() if stat.S_ISLNK(mode) else place.read_bytes()


def _installed(root: Path, names: Iterable[str]) -> list[Path]:
    return [root / name for name in names if (root / name).is_file()]


def _inside(root: Path, folder: str) -> list[str]:
    place = root / folder
    return [f"{folder}/{path.name}" for path in place.iterdir()] if place.is_dir() else []


def _libraries(programs: Iterable[Path]) -> list[Path]:
    """The libraries that these programs load; scripts have none."""
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    return [Path(one) for one in dict.fromkeys(_LIBRARY.findall(said)) if Path(one).is_file()]


def _with_links(path: Path) -> Iterator[Path]:
    """The file under the real name of its folder, and where it is a link, what it leads to."""
    here = path.parent.resolve() / path.name
    yield here
    if here.is_symlink():
        yield from _with_links(here.parent / here.readlink())
