"""Breakout, iLAN and egress classes of a rendered hub at work: its rules, routes and queues in real namespaces.

A router, a customer's PC, a guest and an internet; no tunnel is up, so nothing of the VPN may leave [WV-9, WV-11].
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from device_templates.linux_frr.reading.document import parse

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
DOCUMENT = Path(__file__).parent / "options" / "expected" / "acme-lon-r1.doc"
_SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/frr"
NEEDED = {"zebra": "frr", "nft": "nftables", "tc": "iproute2", "ping": "iputils-ping", "python3": "python3"}

_BUILD = r"""
mount -t tmpfs none /run; mount -t tmpfs none /etc/frr; mkdir -p /run/netns /run/frr/corporate /etc/frr/corporate
for space in corporate internet pc guest; do ip netns add $space; ip -n $space link set lo up; done
ip link set lo up
for place in "" "ip netns exec corporate"; do $place sysctl -qw net.ipv4.ip_forward=1; done
ip link add eth0 type veth peer name far netns internet; ip link set eth0 up; ip address add 198.51.100.10/29 dev eth0
ip -n internet link set far up; ip -n internet address add 198.51.100.9/29 dev far
for address in 192.0.2.80 10.10.5.5 10.254.255.10; do ip -n internet address add $address/32 dev lo; done
ip route add default via 198.51.100.9
ip link add mgmt0 type bridge; ip address add 10.254.0.11/32 dev mgmt0; ip link set mgmt0 up
ip link add ibo10 netns corporate type veth peer name ibo10-fd
ip address add 169.254.0.41/30 dev ibo10-fd; ip link set ibo10-fd up
ip -n corporate address add 169.254.0.42/30 dev ibo10; ip -n corporate link set ibo10 up
ip -n corporate link add gre10 type bridge; ip -n corporate link set gre10 up
ip -n corporate link add vlan10 type bridge
ip -n corporate link add eth1 type veth peer name lan netns pc
ip -n corporate link set eth1 master vlan10 up; ip -n corporate link set vlan10 up
ip -n pc link set lan up; ip -n pc address add 10.10.1.50/24 dev lan; ip -n pc route add default via 10.10.1.1
ip link add vlan50 type bridge; ip address add 192.168.50.1/24 dev vlan50; ip link set vlan50 up
ip link add eth3 type veth peer name lan netns guest; ip link set eth3 master vlan50 up
ip -n guest link set lan up; ip -n guest address add 192.168.50.7/24 dev lan
ip -n guest route add default via 192.168.50.1
nft -f "$1/etc/nftables/front-door.nft"
ip netns exec corporate nft -f "$1/etc/nftables/corporate.nft"
sed s/fq_codel/pfifo/ "$1/etc/spokesman/qos.tc" >"$1/qos.tc"; tc -batch "$1/qos.tc" 2>/dev/null
ip netns exec internet nft -f - <<'RULES'
table ip seen {
 chain input {
  type filter hook input priority filter;
  iifname "far" ip daddr 10.0.0.0/8 counter comment "vpn"
  iifname "far" ip saddr != 198.51.100.8/29 counter comment "untranslated"
 }
}
RULES
touch /etc/frr/corporate/vtysh.conf; chown -R frr:frr /etc/frr /run/frr
for daemon in zebra staticd; do ip netns exec corporate $daemon -d -N corporate -A 127.0.0.1 -P 0 >/dev/null 2>&1; done
grep -v '^ \|^router\|^exit\|nhrp' "$1/etc/frr/corporate/frr.conf" >"$1/routes"
printf 'interface vlan10\n ip address 10.10.1.1/24\n' >>"$1/routes"
vtysh -N corporate -f "$1/routes" >/dev/null
for port in 80 81; do ip netns exec internet python3 -m http.server $port --directory /run/netns >/dev/null 2>&1 & done
python3 -m http.server 22 --directory /run/netns >/dev/null 2>&1 &
ip netns exec pc python3 -m http.server 8080 --directory /run/netns >/dev/null 2>&1 &
until_true() {
 tries=0
 until "$@" >/dev/null 2>&1; do
  [ $tries -lt 400 ] || { echo "Error: it never came true: $*" >&2; exit 1; }
  sleep 0.05; tries=$((tries+1))
 done
}
routed() { ip -n corporate route show default | grep -q via; }
# Each server answers in its own space first: that nobody else reaches it proves nothing while it is not there.
serves() { until_true ip netns exec $1 bash -c "exec 3<>/dev/tcp/$2/$3"; }
until_true routed
for address in 192.0.2.80 10.10.5.5 10.254.255.10; do serves internet $address 80; done
serves internet 192.0.2.80 81
serves pc 10.10.1.50 8080
for address in 192.168.50.1 198.51.100.10; do until_true bash -c "exec 3<>/dev/tcp/$address/22"; done
until_true ip netns exec pc ping -q -c 1 -W 5 192.0.2.80
until_true ip netns exec guest ping -q -c 1 -W 5 192.0.2.80
to() {
 if ip netns exec $2 timeout 4 bash -c "exec 3<>/dev/tcp/$3/$4" 2>/dev/null; then echo "$1 yes"; else echo "$1 no"; fi
}
ip -n internet route add 10.10.1.0/24 via 198.51.100.10
(
 to web pc 192.0.2.80 80 &
 to other-port pc 192.0.2.80 81 &
 to vpn-address pc 10.10.5.5 80 &
 to guest-web guest 192.0.2.80 81 &
 to guest-pc guest 10.10.1.50 8080 &
 to guest-router guest 192.168.50.1 22 &
 to guest-centre guest 10.254.255.10 80 &
 to internet-router internet 198.51.100.10 22 &
 to internet-pc internet 10.10.1.50 8080 &
 wait
)
ip netns exec pc ping -q -c 3 -i 0.05 -W 5 192.0.2.80 >/dev/null && echo "ping yes"
sent() {
 tc -s class show dev eth0 | grep -A1 "class htb 1:$1 " | sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p'
}
urgent() { ip netns exec $1 ping -q -c 5 -i 0.05 -W 5 -Q 0xb8 192.0.2.80 >/dev/null; }
voice=$(sent 10); urgent pc; echo "voice $(($(sent 10)-voice))"
rest=$(sent 3); urgent guest; echo "guest $(($(sent 3)-rest))"
ip netns exec internet nft list ruleset | sed -n 's/.*packets \([0-9]*\) .*comment "\(.*\)"/\2 \1/p'
ip -n corporate route show type blackhole
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What was reached, by name."""
    packages = sorted({package for name, package in NEEDED.items() if not shutil.which(name, path=_SEARCH)})
    missing = "root" if os.geteuid() != 0 else f"apt-get install {' '.join(packages)}" if packages else ""
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"a router's options at work need: {missing}")
    folder = tmp_path_factory.mktemp("router")
    for file in parse(DOCUMENT.read_text(encoding="utf-8")).files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content, encoding="utf-8")
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", _BUILD, "x",
         str(folder)],
        capture_output=True, text=True, check=False, env={"PATH": _SEARCH, "LC_ALL": "C"}, timeout=100,
    )  # fmt: skip
    assert "Error" not in done.stderr, done.stderr
    found = dict(re.findall(r"^([a-z-]+) (yes|no|\d+)$", done.stdout, re.MULTILINE))
    return {**found, "routes": done.stdout, "errors": done.stderr}


def test_the_lan_has_the_ordered_internet_and_no_other(said: dict[str, str]) -> None:
    assert (said["web"], said["ping"], said["other-port"]) == ("yes", "yes", "no"), said["errors"]


def test_nothing_of_the_vpn_leaves_while_no_tunnel_is_up(said: dict[str, str]) -> None:
    assert (said["vpn-address"], said["vpn"]) == ("no", "0")
    assert "blackhole 10.10.0.0/16" in said["routes"]
    assert said["untranslated"] == "0"


def test_guests_have_the_internet_and_nothing_else(said: dict[str, str]) -> None:
    found = {name: said[name] for name in ("guest-web", "guest-pc", "guest-router", "guest-centre")}
    assert found == {"guest-web": "yes", "guest-pc": "no", "guest-router": "no", "guest-centre": "no"}


def test_the_internet_comes_to_nobody(said: dict[str, str]) -> None:
    assert (said["internet-router"], said["internet-pc"]) == ("no", "no")


def test_what_leaves_by_the_breakout_is_queued_by_its_class_and_guests_in_best_effort(said: dict[str, str]) -> None:
    assert said["voice"] == "5"
    assert int(said["guest"]) >= 5
