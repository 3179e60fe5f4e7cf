"""strongSwan: one charon in the front door for all tunnels, told its connections by swanctl."""

from __future__ import annotations

from pathlib import Path

from .. import files, places
from ..errors import Rejected
from ..system import must, run
from .daemons import Daemon, ensure, stop

FILE = "etc/swanctl/swanctl.conf"
LOG = "/var/log/charon.log"
VICI = "/run/charon.vici"
_SETTINGS = places.RUN / "strongswan.conf"
_FOLDERS = ("conf.d", "x509", "x509ca", "x509crl", "private", "rsa", "ecdsa", "pkcs8", "pubkey")
_PLUGINS = (
    "random nonce aes sha1 sha2 hmac kdf gmp gcm openssl curve25519 pem pkcs1 pkcs8 x509 pubkey constraints revocation"
    " kernel-netlink socket-default vici counters updown"
)
#: A peer that answers nothing is given up after 31 s, so that a hub that was restarted is soon met anew.
_CONF = f"""\
charon {{
 load = {_PLUGINS}
 install_routes = no
 install_virtual_ip = no
 retransmit_timeout = 2.0
 retransmit_base = 1.6
 retransmit_tries = 4
 filelog {{ spokesman {{
  path = {LOG}
  default = 1
  time_format = %Y-%m-%dT%H:%M:%SZ
  append = no
  flush_line = yes
 }} }}
 plugins {{ vici {{ socket = unix://{VICI} }} }}
}}
swanctl {{ load = random nonce sha1 sha2 hmac gmp openssl pem pkcs1 pkcs8 x509 pubkey }}
"""
_ENVIRONMENT = {"STRONGSWAN_CONF": str(_SETTINGS), "TZ": "UTC"}
CHARON = Daemon("charon", "charon", ("--use-syslog", "no"), environment=_ENVIRONMENT, ready=VICI)


def check_strongswan(text: str) -> None:
    """Look at the frame of a swanctl.conf; what lies in it only charon can judge. Raises Rejected."""
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.partition("#")[0] if '"' not in line else ""
        depth += bare.count("{") - bare.count("}")
        if depth < 0:
            raise Rejected(f"{FILE}: line {number} closes a section that is not open")
    if depth > 0:
        raise Rejected(f"{FILE}: {depth} sections are not closed")


def apply_strongswan(*, anew: bool) -> None:
    """Run charon and have it load all that lies under /etc/swanctl; raises Rejected with swanctl's words."""
    for name in _FOLDERS:
        (Path("/etc/swanctl") / name).mkdir(parents=True, exist_ok=True)
    files.write(_SETTINGS, _CONF, mode=0o644)
    if anew:
        stop(CHARON.name)
    ensure([CHARON])
    done = run("swanctl", "--load-all", "--clear", "--noprompt", environment=_ENVIRONMENT, timeout_s=30)
    must(done, FILE, Rejected)


def remove_strongswan() -> None:
    """End charon, and all tunnels with it."""
    stop("charon")
