"""One customer of 10 to 10,000 spokes, rendered, read back and verified; and as many sites loaded with their rules.

Each step is compared with a tenth as many spokes, ten times: 1.0 is linear growth, and the run stops where that of
10,000 is below 10/12. The floor of reading is hier_config, which makes a tree of the same lines and no more.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from hier_config import Platform, get_hconfig

from agent.verification import Finding, verify
from device_templates import platform_of
from device_templates.model import RouterModel
from inventory import Inventory, Secret, load_workspace
from inventory.customer import Customer
from inventory.loading.collector import without_collector
from tests.bench.harness import Cost, Row, T, compare, timed

SIZES = (10, 100, 1_000, 10_000)
#: Ten times as many spokes may cost so many times as much.
STEEPEST = 12.0
#: A hub of the platform takes no more neighbours by ranges; of a customer with more, verification says so and no more.
TAKEN = 5_000
#: A size from which once must do; smaller ones are measured so often.
LARGE, TIMES = 10_000, 3
#: Sites of a customer in one file.
IN_A_FILE = 1_000
#: Spokes whose texts are read by ours and by the floor.
FLOOR = 100
SETTINGS = Path(__file__).parents[1] / "pairwise" / "spokesman.toml"


class TooSteep(AssertionError):
    """The cost grows faster than the customer."""


def secret(reference: str) -> Secret:
    """What references stand for; NHRP takes eight characters."""
    return Secret("nhrp-key" if reference.endswith("NHRP") else f"a-word-for-{reference.lower()[4:]}")


def workspace(root: Path, spokes: int) -> Path:
    """Writes customers with a hub and ``IN_A_FILE`` spokes each, together ``spokes``: a file may be 4 MiB."""
    (root / "customers").mkdir()
    (root / "spokesman.toml").write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    for first in range(0, spokes, IN_A_FILE):
        name = f"large{first}"
        text = json.dumps(_customer(name, range(first, min(first + IN_A_FILE, spokes))))
        (root / "customers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root


def _customer(name: str, numbers: range) -> dict[str, object]:
    """A customer whose sites have these numbers; the first is the hub."""
    vpn = {
        "id": 10, "hubs": [f"s{numbers[0]}"], "tunnel_network": "10.192.0.0/16", "summary": "10.0.0.0/9", "asn": 65010,
        "ike": {"psk": "env:PSK"}, "nhrp_authentication": "env:NHRP", "bgp_password": "env:BGP",
    }  # fmt: skip
    sites = {f"s{number}": _site(number) for number in numbers}
    return {"customer": name, "name": "Large", "vpns": {"corporate": vpn}, "sites": sites}


def _site(number: int) -> dict[str, object]:
    access, lan = IPv4Network("198.18.0.0/15")[4 * number], IPv4Network("10.0.0.0/9")[256 * number]
    return {
        "orders": [{"reference": f"L-{number}", "status": "accepted", "signed": "2026-10-01",
                    "requested": "2026-11-30", "maintenance": "24x7x4"}],
        "access": {"provided_by": "apa", "interface": "GigabitEthernet0/0/0", "address": f"{access + 2}/30",
                   "gateway": str(access + 1), "down_kbps": 50000, "up_kbps": 20000},
        "router": {"name": f"large-r{number}", "platform": "cisco_iosxe", "release": "17.9", "model": "C1111-8P",
                   "management": {"address": str(IPv4Address("172.16.0.1") + number), "credentials": "fleet"},
                   "snmp": {"credentials": "fleet-v3"}},
        "tunnels": {"corporate": str(IPv4Address("10.192.0.1") + number)},
        "lans": {"corporate": [{"vlan": 10, "ports": ["GigabitEthernet0/1/0"], "address": f"{lan + 1}/24"}]},
        "service_management": "basic",
    }  # fmt: skip


def made(spokes: int) -> Inventory:
    """One customer of so many spokes, which no file could hold."""
    with tempfile.TemporaryDirectory() as folder:
        inventory = load_workspace(workspace(Path(folder), 1))
    customer = Customer.model_validate(_customer("large", range(spokes + 1)))
    return replace(inventory, customers={"large": customer})


@without_collector()
def rendered(inventory: Inventory) -> dict[str, str]:
    """The text of every router, made as the commands do."""
    return {view.router.name: platform_of(view).render(inventory, view, secret).text for view in inventory.sites()}


@without_collector()
def read(inventory: Inventory, texts: Mapping[str, str]) -> dict[str, RouterModel]:
    """The model of every router, made as the commands do."""
    return {name: platform_of(inventory.router(name)).read_model(text) for name, text in texts.items()}


@without_collector()
def judged(models: Mapping[str, RouterModel], inventory: Inventory) -> tuple[Finding, ...]:
    """Every verdict, made as the commands do."""
    return verify(models, inventory)


def steps(spokes: int) -> dict[str, Cost]:
    """What each step costs for so many spokes, the median of ``TIMES``."""
    times = 1 if spokes >= LARGE else TIMES
    found: dict[str, Cost] = {}

    def step(name: str, work: Callable[[], T]) -> T:
        done = [timed(work) for _ in range(times)]
        costs = [cost for _, cost in done]
        found[name] = Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))
        return done[-1][0]

    with tempfile.TemporaryDirectory() as folder:
        root = workspace(Path(folder), spokes)
        step("load", lambda: load_workspace(root))
    inventory = made(spokes)
    texts = step("render", lambda: rendered(inventory))
    models = step("read", lambda: read(inventory, texts))
    findings = {finding.check for finding in step("verify", lambda: judged(models, inventory))}
    if findings != ({"all-spokes-are-taken"} if spokes > TAKEN else set()):
        raise AssertionError(f"what was rendered has findings: {findings}")
    return found


def rows(rounds: int) -> Iterator[Row]:
    """A row for the floor, and one for each step and size."""
    inventory = made(FLOOR)
    texts = rendered(inventory)
    yield compare(
        f"read {FLOOR + 1} routers",
        lambda: len(read(inventory, texts)),
        lambda: len([get_hconfig(Platform.CISCO_IOS, text) for text in texts.values()]),
        rounds,
        "hier_config, a tree of lines",
    )
    before = steps(SIZES[0])
    for size in SIZES[1:]:
        now = steps(size)
        for name, cost in now.items():
            yield growth(f"{name} {size:,} spokes", before[name], cost, size >= LARGE)
        before = now


def growth(name: str, small: Cost, large: Cost, bounded: bool = True) -> Row:
    """Ten times the cost of a tenth, by the cost of the whole; raises TooSteep where that is ``bounded``."""
    wall, cpu = 10 * small.wall / large.wall, 10 * small.cpu / large.cpu
    if bounded and cpu < 10 / STEEPEST:
        raise TooSteep(f"{name} costs {10 / cpu:.1f} times as much as for a tenth of them")
    return Row(name, "a tenth as many, ten times", 1, wall, cpu, (cpu, cpu))
