"""The rendered VRRP of a secondary router beside a primary one: it follows the primary and the hubs [WV-12]."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from device_templates.linux_frr.reading.document import parse

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
DOCUMENT = Path(__file__).parent / "options" / "expected" / "acme-lee-r1.doc"
_SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin"
NEEDED = {"keepalived": "keepalived", "nft": "nftables", "ip": "iproute2", "ping": "iputils-ping"}
_SCRIPT = r"""
mount -t tmpfs none /run; mkdir /run/netns
for space in ours primary hub; do ip netns add $space; ip -n $space link set lo up; done
ip -n ours link add gre10 type veth peer name gre10 netns hub
ip -n ours link set gre10 up; ip -n hub link set gre10 up
ip -n ours address add 10.255.8.2/24 dev gre10; ip -n hub address add 10.255.8.1/24 dev gre10
ip -n ours link add vlan10 type veth peer name lan0 netns primary
ip -n ours link set vlan10 up; ip -n primary link set lan0 up
ip -n ours address add 10.10.2.3/24 dev vlan10; ip -n primary address add 10.10.2.2/24 dev lan0
ip -n primary address add 10.10.99.1/32 dev lo; ip -n ours route add 10.10.99.1 via 10.10.2.2
ip netns exec ours nft -f "$1/filter.nft"
cat >/run/primary.conf <<'CONF'
vrrp_instance corporate {
 state BACKUP
 interface lan0
 virtual_router_id 10
 priority 110
 advert_int 0.5
 version 3
 virtual_ipaddress {
  10.10.2.1/24 dev lan0
 }
}
CONF
alive() { ip netns exec $1 keepalived -n -l -P -p /run/$1.p -r /run/$1.r -c /run/$1.c -f "$2" >/run/$1.log 2>&1 & }
holders() { for space in ours primary; do ip -n $space -4 address show | grep -q 10.10.2.1/24 && echo $space; done; }
# It has the gateway alone, and still has it when another advertisement was due: a router that hears none takes it.
gateway() {
 tries=0
 until [ "$(holders)" = $1 ] && sleep 0.8 && [ "$(holders)" = $1 ]; do
  [ $tries -lt 300 ] || break
  sleep 0.1; tries=$((tries+1))
 done
 echo "$2:" $(holders)
}
alive primary /run/primary.conf; alive ours "$1/vrrp.conf"
tries=0
until [ $(grep -c succeeded /run/ours.log) -gt 1 ] || [ $tries -gt 150 ]; do sleep 0.1; tries=$((tries+1)); done
gateway primary reached
ip -n primary address delete 10.10.99.1/32 dev lo; gateway ours lost
ip -n hub address delete 10.255.8.1/24 dev gre10; gateway primary 'cut off'
ip -n hub address add 10.255.8.1/24 dev gre10; gateway ours 'a hub answers'
ip -n primary address add 10.10.99.1/32 dev lo; gateway primary back
cat /run/ours.log >&2
"""


def _in_a_hurry(text: str) -> str:
    """Scripts that run each second and are soon believed, and a hub that never answers before the one that does.

    Both routers speak twice a second.
    """
    asked = r"(?<=-c ')(/usr/bin/ping .*) 10\.255\.8\.1(?=')"
    doubled, hubs = re.subn(asked, r"\1 10.255.8.9 || \1 10.255.8.1", text)
    assert hubs == 1
    for slow, quick in (
        (r"interval \d", "interval 1"),
        (r"(fall|rise) 3", r"\1 2"),
        ("advert_int 1", "advert_int 0.5"),
    ):
        doubled = re.sub(slow, quick, doubled)
    return doubled


def test_the_gateway_is_ours_only_while_the_primary_leads_nowhere_and_a_hub_answers(tmp_path: Path) -> None:
    packages = sorted({package for name, package in NEEDED.items() if not shutil.which(name, path=_SEARCH)})
    missing = "root" if os.geteuid() != 0 else f"apt-get install {' '.join(packages)}" if packages else ""
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"VRRP at work needs: {missing}")
    document = parse(DOCUMENT.read_text(encoding="utf-8"))
    (tmp_path / "vrrp.conf").write_text(_in_a_hurry(document.content("etc/keepalived/corporate.conf") or ""))
    (tmp_path / "filter.nft").write_text(document.content("etc/nftables/corporate.nft") or "")
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", _SCRIPT, "x",
         str(tmp_path)],
        capture_output=True, text=True, check=False, env={"PATH": _SEARCH, "LC_ALL": "C"}, timeout=110,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "reached: primary",
        "lost: ours",
        "cut off: primary",
        "a hub answers: ours",
        "back: primary",
    ], done.stdout + done.stderr
