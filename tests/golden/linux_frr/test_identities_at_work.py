"""Spokes behind translations that give both the same private address, at one hub: each keeps its association [WV-3]."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from device_templates.linux_frr.reading.document import parse

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
EXPECTED = Path(__file__).parent / "two_vpns" / "expected"
_FILE = "etc/swanctl/swanctl.conf"
_SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/ipsec"
NEEDED = {"charon": "strongswan-charon", "swanctl": "strongswan-swanctl", "nft": "nftables", "ip": "iproute2"}
_STRONGSWAN = """\
charon {
 load = random nonce aes sha1 sha2 hmac kdf gmp gcm openssl pem pkcs1 x509 pubkey socket-default kernel-netlink vici
 retransmit_tries = 1
}
swanctl { load = random nonce sha1 sha2 hmac gmp openssl pem pkcs1 x509 pubkey }
"""
_SCRIPT = r"""
mount -t tmpfs none /run; mkdir /run/netns; cd $1; export STRONGSWAN_CONF=$1/strongswan.conf
for space in internet hub one two nat1 nat2; do ip netns add $space; ip -n $space link set lo up; done
forward() { ip netns exec $1 sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'; }
join() { # namespace, its address and length, the other namespace, its address and length
 ip -n $1 link add to-$3 type veth peer name to-$1 netns $3
 ip -n $1 address add $2 dev to-$3; ip -n $3 address add $4 dev to-$1
 ip -n $1 link set to-$3 up; ip -n $3 link set to-$1 up
}
join hub 198.51.100.10/29 internet 198.51.100.9/29; ip -n hub route add default via 198.51.100.9
forward internet; number=0
for spoke in one two; do
 number=$((number+1)); nat=nat$number
 join $spoke 192.168.1.10/24 $nat 192.168.1.1/24; ip -n $spoke route add default via 192.168.1.1
 join $nat 192.0.2.$((number*4+1))/30 internet 192.0.2.$((number*4+2))/30
 ip -n $nat route add default via 192.0.2.$((number*4+2)); forward $nat
 printf 'table ip t { chain c { type nat hook postrouting priority 100; oifname "to-internet" masquerade; }; }' |
  ip netns exec $nat nft -f -
done
for space in hub one two; do
 mkdir /run/$space
 ip netns exec $space unshare --mount sh -c "mount --bind /run/$space /run; exec charon --use-syslog no" \
  >$space.log 2>&1 &
done
ask() { space=$1; shift; swanctl "$@" --uri unix:///run/$space/charon.vici; }
upto() { tries=0; until "$@" || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries+1)); done; }
established() { ask $1 --list-sas --ike $2 | grep -q ESTABLISHED; }
load() {
 upto [ -S /run/$1/charon.vici ]
 ask $1 --load-creds --file $1.conf >/dev/null; ask $1 --load-conns --file $1.conf >/dev/null
}
load hub; load one; upto established one hub-london; load two; upto established two hub-london
sleep 1
ask hub --list-sas --ike vpn --raw | grep -o 'remote-host=[^ ]*\|remote-id=[^ ]*'
"""


def _spoke(number: int) -> str:
    """York's connections, as those of a router with another management address."""
    text = parse((EXPECTED / "acme-yor-r1.doc").read_text(encoding="utf-8")).content(_FILE) or ""
    return text.replace("10.254.0.13", f"10.254.0.{number}")


def test_a_hub_keeps_two_spokes_that_have_the_same_private_address(tmp_path: Path) -> None:
    packages = sorted({package for name, package in NEEDED.items() if not shutil.which(name, path=_SEARCH)})
    missing = "root" if os.geteuid() != 0 else f"apt-get install {' '.join(packages)}" if packages else ""
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"associations at work need: {missing}")
    hub = parse((EXPECTED / "acme-lon-r1.doc").read_text(encoding="utf-8")).content(_FILE) or ""
    (tmp_path / "strongswan.conf").write_text(_STRONGSWAN)
    for name, text in (("hub", hub), ("one", _spoke(21)), ("two", _spoke(22))):
        (tmp_path / f"{name}.conf").write_text(text)
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", _SCRIPT, "x",
         str(tmp_path)],
        capture_output=True, text=True, check=False, env={"PATH": _SEARCH, "LC_ALL": "C"}, timeout=110,
    )  # fmt: skip
    assert sorted(done.stdout.splitlines()) == [
        "remote-host=192.0.2.5", "remote-host=192.0.2.9", "remote-id=10.254.0.21", "remote-id=10.254.0.22",
    ], done.stdout + done.stderr  # fmt: skip
