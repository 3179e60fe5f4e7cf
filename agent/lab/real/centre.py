"""The management centre's own files: one wildcard IKEv2 connection and, where chrony is installed, an NTP server."""

from __future__ import annotations

from agent.lab.real.topology import Centre

#: Only these of charon's plugins are needed; the others cost a second of start.
STRONGSWAN = """charon {
  load = random nonce aes sha1 sha2 hmac kdf gmp curve25519 openssl pem pkcs1 x509 kernel-netlink socket-default vici
  install_routes = no
  filelog { log { path = /var/log/charon.log
    time_format = %Y-%m-%dT%H:%M:%S
    default = 1
    flush_line = yes } }
}
swanctl { load = random nonce sha1 sha2 hmac gmp pem pkcs1 x509 pubkey }
"""
#: Starts what the centre runs; the two daemons stay in the background.
SERVICES = """#!/bin/sh
/usr/lib/ipsec/charon --use-syslog no >/var/log/charon.out 2>&1 &
if [ -x /usr/sbin/chronyd ]; then chronyd -x -f /etc/chrony/chrony.conf; fi
until [ -S /run/charon.vici ]; do sleep 0.1; done
swanctl --load-all
"""
CHRONY = """local stratum 5
keyfile /etc/chrony/chrony.keys
allow all
bindcmdaddress /
cmdport 0
pidfile /run/chronyd.pid
"""


def centre_files(centre: Centre) -> dict[str, str]:
    """Path to text; a path under usr/sbin is made executable."""
    return {
        "etc/hostname": "centre\n",
        "etc/strongswan.conf": STRONGSWAN,
        "etc/swanctl/swanctl.conf": _connections(centre),
        "etc/chrony/chrony.conf": CHRONY,
        "etc/chrony/chrony.keys": "".join(f"{line}\n" for line in centre.ntp_keys),
        "usr/sbin/lab-centre": SERVICES,
    }


def _connections(centre: Centre) -> str:
    address = centre.address.partition("/")[0]
    secrets = "".join(
        f"  ike-{number} {{\n" + (f"    id = {identity}\n" if identity else "") + f'    secret = "{secret}"\n  }}\n'
        for number, (identity, secret) in enumerate(sorted(centre.secrets.items()))
    )
    return f"""connections {{
  management {{
    version = 2
    local_addrs = {address}
    remote_addrs = %any
    proposals = {centre.proposals}
    dpd_delay = 10s
    unique = replace
    local {{
      auth = psk
      id = {centre.identity}
    }}
    remote {{
      auth = psk
    }}
    children {{
      management {{
        local_ts = {",".join(centre.leads_to)}
        remote_ts = {centre.network}
        esp_proposals = {centre.esp_proposals}
        dpd_action = clear
      }}
    }}
  }}
}}
secrets {{
{secrets}}}
"""
