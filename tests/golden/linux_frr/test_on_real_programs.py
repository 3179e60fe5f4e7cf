"""Every file of the expected documents, read by the program that reads it on a router; FRR and nft are tested by what
they show in tests/unit/templates/linux_frr_read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from device_templates.linux_frr.reading.document import parse

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
DOCUMENTS = sorted(Path(__file__).parent.glob("*/expected/*.doc"))
_SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/ipsec"
#: Program -> its package.
NEEDED = {
    "charon": "strongswan-charon",
    "chronyd": "chrony",
    "ip": "iproute2",
    "keepalived": "keepalived",
    "rsyslogd": "rsyslog",
    "snmpd": "snmpd",
    "snmpget": "snmp",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "swanctl": "strongswan-swanctl",
    "tc": "iproute2",
}
_STRONGSWAN = """\
charon {
 load = random nonce aes sha1 sha2 hmac kdf gmp gcm openssl pem pkcs1 x509 pubkey socket-default kernel-netlink vici
 plugins { vici { socket = unix://%(folder)s/vici } }
 filelog { log { path = %(folder)s/charon.log } }
}
swanctl { load = random nonce sha1 sha2 hmac gmp openssl pem pkcs1 x509 pubkey }
"""


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    packages = {package for name, package in NEEDED.items() if not shutil.which(name, path=_SEARCH)}
    missing = "root" if os.geteuid() != 0 else f"apt-get install {' '.join(sorted(packages))}" if packages else ""
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"the programs of a Linux router need: {missing}")


@pytest.fixture(params=DOCUMENTS, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The files of one document, as they lie on a router."""
    for file in parse(request.param.read_text(encoding="utf-8")).files:
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content, encoding="utf-8")
    return tmp_path


def _run(script: str, *arguments: object) -> str:
    """What a script says in namespaces of its own; it must end with 0."""
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
         "sh", "-euc", script, "sh", *map(str, arguments)],
        capture_output=True, text=True, check=False, env={"PATH": _SEARCH, "MIBS": "", "LC_ALL": "C"}, timeout=90,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_sshd_takes_it_and_answers_on_the_management_address_only(root: Path) -> None:
    said = _run(
        """mkdir -p /run/sshd; mount -t tmpfs none /etc/ssh
        for kind in ed25519; do ssh-keygen -q -t $kind -N '' -f /etc/ssh/ssh_host_${kind}_key; done
        sshd -t -f "$1/etc/ssh/sshd_config"; sshd -T -f "$1/etc/ssh/sshd_config" """,
        root,
    )
    listening = [line for line in said.splitlines() if line.startswith("listenaddress ")]
    assert len(listening) == 1
    assert listening[0].startswith("listenaddress 10.254.0.1")
    for line in ("permitrootlogin no", "disableforwarding yes", "allowusers spokesman"):
        assert line in said
    assert "subsystem spokesman /usr/sbin/spokesman-router relay" in said


def test_rsyslogd_and_chronyd_take_theirs(root: Path) -> None:
    said = _run('rsyslogd -N1 -f "$1/etc/rsyslog.conf"; chronyd -p -f "$1/etc/chrony/chrony.conf"', root)
    assert "error" not in said.lower()


def test_keepalived_takes_it(root: Path) -> None:
    for path in sorted(root.glob("etc/keepalived/*.conf")):
        link = path.read_text().split("interface ")[1].split()[0]
        said = _run('ip link add "$2" type bridge; ip link set "$2" up; keepalived -t -l -f "$1"', path, link)
        assert said == ""


def test_tc_makes_its_classes(root: Path) -> None:
    """With pfifo for fq_codel, which not every kernel has: Debian's does."""
    path = root / "etc/spokesman/qos.tc"
    if not path.exists():
        return
    plain = path.with_name("plain.tc")
    plain.write_text(path.read_text().replace("fq_codel", "pfifo"))
    said = _run('ip link add eth0 type veth peer name far; tc -batch "$1"; tc class show dev eth0', plain)
    made = {line.split()[2] for line in said.splitlines() if line.startswith("class htb")}
    assert made == {"1:1", *(one.split()[0] for one in path.read_text().split(" classid ")[1:])}
    assert "quantum" not in said.replace("Warning", "")


def test_charon_loads_every_connection_and_secret(root: Path) -> None:
    (root / "strongswan.conf").write_text(_STRONGSWAN % {"folder": root})
    said = _run(
        """export STRONGSWAN_CONF=$1/strongswan.conf; mount -t tmpfs none /run; ip link set lo up
        charon --use-syslog no >"$1/out" 2>&1 &
        tries=0; until [ -S "$1/vici" ] || [ $tries -gt 200 ]; do sleep 0.05; tries=$((tries+1)); done
        swanctl --load-all --clear --noprompt --uri "unix://$1/vici" --file "$1/etc/swanctl/swanctl.conf" 2>&1
        swanctl --list-conns --uri "unix://$1/vici" 2>/dev/null""",
        root,
    )
    hubs = (root / "etc/swanctl/swanctl.conf").read_text().count("  hub-")
    assert f"successfully loaded {2 + hubs} connections" in said
    assert "loaded ike secret 'ike-centre'" in said
    assert "loaded ike secret 'ike-vpn'" in said
    assert "centre: IKEv2" in said
    assert "TUNNEL" in said
    assert said.count("TRANSPORT") == 1 + hubs


def test_snmpd_answers_the_fleet_with_sha_256_and_aes(root: Path) -> None:
    own = (root / "etc/snmp/snmpd.conf").read_text()
    address = own.split("agentAddress udp:")[1].split()[0]
    said = _run(
        """ip link set lo up; ip address add "${2%:*}/32" dev lo
        export SNMP_PERSISTENT_DIR=$1/kept; mkdir -p "$1/kept" /run/spokesman
        snmpd -Lf "$1/log" -C -c "$1/etc/snmp/snmpd.conf" -p "$1/pid"
        snmpget -v3 -u spokesman -l authPriv -a SHA-256 -A Planted-Snmp-Auth-01 -x AES -X Planted-Snmp-Priv-01 \
          "$2" 1.3.6.1.2.1.1.5.0
        snmpset -v3 -u spokesman -l authPriv -a SHA-256 -A Planted-Snmp-Auth-01 -x AES -X Planted-Snmp-Priv-01 \
          "$2" 1.3.6.1.2.1.1.5.0 s other && echo WRITTEN || true
        cat "$1/log" """,
        root, address,
    )  # fmt: skip
    assert f'STRING: "{own.split("sysName ")[1].split()[0]}"' in said
    assert "WRITTEN" not in said
    assert "Error" not in said.replace("Error in packet", "")


def test_the_feed_shows_interfaces_and_no_users(root: Path) -> None:
    for path in sorted(root.glob("etc/snmp/*/snmpd.conf")):
        address = path.read_text().split("agentAddress udp:")[1].split(",")[0].split()[0]
        said = _run(
            """ip link set lo up; ip address add "${2%:*}/32" dev lo
            export SNMP_PERSISTENT_DIR=$1/kept; mkdir -p "$1/kept"
            snmpd -Lf "$1/log" -C -c "$3" -p "$1/pid"
            who='-v3 -u acmefeed -l authPriv -A Planted-Feed-Auth-01 -X Planted-Feed-Priv-01'
            snmpwalk $who $4 "$2" 1.3.6.1.2.1.2.2.1.2; snmpwalk $who $4 "$2" 1.3.6.1.6.3.15 || true; cat "$1/log" """,
            root, address, path, "-a SHA-512 -x AES-256" if "SHA-512" in path.read_text() else "-a SHA-256 -x AES",
        )  # fmt: skip
        assert 'STRING: "lo"' in said
        assert "No Such Object" in said or "No more variables" in said
        assert "spokesman" not in said
