"""Real FRR, nftables and strongSwan that are given a document and say what they made of it; needs root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from device_templates.linux_frr.reading.document import Document, File, parse, write

#: Which package a program is in.
NEEDED = {"vtysh": "frr", "/usr/lib/frr/nhrpd": "frr", "nft": "nftables", "ip": "iproute2", "unshare": "util-linux"}
#: In a world of its own: every instance with its interfaces, then what it shows. $1 is the folder of files.
SCRIPT = r"""
set -e
for folder in /etc/frr /run; do mount -t tmpfs none $folder; done
mkdir -p /run/frr /run/netns /run/lock
chmod 777 /etc/frr /run/frr
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1
for file in "$1"/*.nft; do
  nft -f "$file"
  nft -s list ruleset > "$file.shown"
  nft flush ruleset
done
for file in "$1"/*.frr; do
  name=$(basename "$file" .frr)
  mkdir -p /etc/frr/$name /var/run/frr/$name
  touch /etc/frr/$name/vtysh.conf
  chown -R frr:frr /etc/frr/$name /var/run/frr/$name
  ip netns add $name
  for link in $(cat "$1/$name.links"); do ip -n $name link add $link type bridge; ip -n $name link set $link up; done
  ip netns exec $name sysctl -qw net.ipv4.ip_forward=1
  for daemon in zebra staticd bgpd nhrpd; do
    ip netns exec $name /usr/lib/frr/$daemon -d -N $name -A 127.0.0.1 -P 0 </dev/null >/dev/null 2>&1
  done
  tries=0
  until vtysh -N $name -c 'show version' >/dev/null 2>&1 || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries+1)); done
  vtysh -N $name -f "$file"
  vtysh -N $name -c 'show running-config' > "$file.shown"
done
"""


def require() -> None:
    """Fails the test where CI runs, and says what to install elsewhere."""
    search = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    packages = sorted({package for name, package in NEEDED.items() if not shutil.which(name, path=search)})
    missing = "root" if os.geteuid() != 0 else f"apt-get install {' '.join(packages)}" if packages else ""
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"real FRR and nftables need: {missing}")


def runs(text: str, folder: Path) -> str:
    """The document as a router would give it that runs ``text``: FRR's and the kernel's own words."""
    files = parse(text).files
    places = {file.path: folder / _name(file.path) for file in files if _name(file.path)}
    for file in files:
        if file.path in places:
            places[file.path].write_text(file.content)
        if file.path.startswith("etc/frr/"):
            links = dict.fromkeys(re.findall(r"^interface (\S+)", file.content, re.MULTILINE))
            (folder / f"{file.path.split('/')[2]}.links").write_text(" ".join(links))
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
         "sh", "-c", SCRIPT, "sh", folder],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stdout + done.stderr
    assert "Unknown command" not in done.stdout + done.stderr, done.stdout + done.stderr
    assert "Error" not in done.stderr, done.stderr
    shown = {path: place.with_name(f"{place.name}.shown").read_text() for path, place in places.items()}
    return write(Document(tuple(File(file.path, shown.get(file.path, file.content)) for file in files)))


def _name(path: str) -> str:
    found = re.fullmatch(r"etc/(?:frr/([^/]+)/frr|nftables/([^/]+))\.(?:conf|nft)", path)
    return "" if found is None else f"{found[1]}.frr" if found[1] else f"{found[2]}.nft"
