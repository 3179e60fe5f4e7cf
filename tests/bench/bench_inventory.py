"""Loading 1,000 sites of 20 customers: ours, with positions, models and rules; and YAML libraries with models alone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from inventory import load_workspace
from inventory.customer import Customer
from tests.bench.harness import Row, compare

CUSTOMERS = 20
SITES = 50
SAMPLE = Path(__file__).parents[1] / "unit" / "inventory" / "workspaces" / "acme"

_HEAD = """\
customer: c{c}
name: Customer {c}
vpns:
  corporate: {{id: 10, hubs: [s0], tunnel_network: 10.255.8.0/21, asn: 65010, ike: {{psk: "env:PSK"}},
              nhrp_authentication: "env:NHRP"}}
sites:
"""
_SITE = """\
  s{s}:
    orders:
      - {{reference: ORD-{n}, status: accepted, signed: "2026-10-01", requested: "2026-11-30", maintenance: 24x7x4}}
    access:
      provided_by: apa
      supplier: Aggregator One
      interface: GigabitEthernet0/0/0
      address: 198.18.{c}.{a}/30
      gateway: 198.18.{c}.{g}
      down_kbps: 80000
      up_kbps: 20000
    router:
      name: c{c}-s{s}-r1
      platform: cisco_iosxe
      release: "17.9"
      model: C1111-8P
      serial: FCZ{n:08d}
      management: {{address: 10.254.{c}.{m}, credentials: fleet}}
      snmp: {{credentials: fleet-v3}}
      backup_at: "02:00"
    tunnels: {{corporate: 10.255.8.{m}}}
    lans:
      corporate:
        - {{vlan: 10, ports: [GigabitEthernet0/1/0], address: 10.10.{s}.1/24}}
    service_management: enhanced
    options:
      proactive_monitoring: true
      snmp_feed: {{vpn: corporate, credentials: acme-feed, hosts: [10.10.{s}.50]}}
"""


def workspace(root: Path, customers: int = CUSTOMERS) -> Path:
    """Writes the workspace that all load; each customer has a hub and spokes, ``SITES`` together."""
    (root / "customers").mkdir()
    shutil.copy(SAMPLE / "spokesman.toml", root)
    for c in range(customers):
        sites = (_SITE.format(c=c, s=s, n=c * SITES + s, a=s * 4 + 2, g=s * 4 + 1, m=s + 1) for s in range(SITES))
        (root / "customers" / f"c{c}.yaml").write_text(_HEAD.format(c=c) + "".join(sites))
    return root


def ours(root: Path) -> Callable[[], int]:
    return lambda: len(list(load_workspace(root).sites()))


def models_alone(root: Path, loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader]) -> Callable[[], int]:
    """A YAML library and the models: no positions, no duplicate keys refused, no rules."""

    def load() -> int:
        found = 0
        for path in (root / "customers").iterdir():
            with path.open() as file:
                found += len(Customer.model_validate(loader(file).get_single_data()).sites)
        return found

    return load


def rows(rounds: int) -> Iterator[Row]:
    """The table's lines."""
    with tempfile.TemporaryDirectory() as folder:
        root = workspace(Path(folder))
        name = "load 1,000 sites"
        yield compare(name, ours(root), models_alone(root, yaml.SafeLoader), rounds, "PyYAML, models alone")
        yield compare(name, ours(root), models_alone(root, yaml.CSafeLoader), rounds, "libyaml, models alone")
