"""A workspace loads as a whole, or all that is wrong is told at once, each with file, line, field and remedy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inventory import InventoryError, Problem, Severity, load_workspace

WORKSPACES = Path(__file__).parent / "workspaces"
ACME = "customers/acme.yaml"
BETA = "customers/beta.yaml"
TOML = "spokesman.toml"
Copy = Callable[..., Path]


def refused(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(InventoryError) as caught:
        load_workspace(root)
    return tuple(problem for problem in caught.value.problems if problem.severity is Severity.ERROR)


def line_of(root: Path, file: str, text: str) -> int:
    """The line of a text that only one line of the file holds."""
    (line,) = [number for number, line in enumerate((root / file).read_text().splitlines(), 1) if text in line]
    return line


@pytest.mark.parametrize("name", ["acme", "full"])
def test_a_good_workspace_loads_without_a_warning(name: str) -> None:
    inventory = load_workspace(WORKSPACES / name)
    assert inventory.warnings == ()
    assert inventory.site("london").router.name == "acme-lon-r1"


def test_views_answer_what_other_parts_ask() -> None:
    inventory = load_workspace(WORKSPACES / "full")
    leeds = inventory.router("acme-lee-r1")
    assert (leeds.key, tuple(leeds.vpns)) == ("acme/leeds", ("corporate",))
    assert [hub.name for hub in inventory.hubs(leeds, "corporate")] == ["london"]
    assert [view.name for view in inventory.members(leeds.customer, "corporate")] == ["leeds", "london"]
    assert inventory.site("beta/paris").is_hub("office")
    assert inventory.model(leeds.router) is not None
    with pytest.raises(InventoryError, match="no router 'acme-lee-r9'"):
        inventory.router("acme-lee-r9")


def test_a_plan_depends_on_its_customer_and_the_settings_and_on_no_other_customer(copied: Copy) -> None:
    root = copied("full")
    before = load_workspace(root)
    with (root / BETA).open("a") as file:
        file.write("# somebody looked\n")
    after = load_workspace(root)
    assert before.digest_of("acme") == after.digest_of("acme") != before.digest_of("beta") != after.digest_of("beta")
    assert before.digest != after.digest
    with (root / TOML).open("a") as file:
        file.write("# somebody looked\n")
    assert load_workspace(root).digest_of("acme") != after.digest_of("acme")


def test_an_error_reads_as_the_design_says(copied: Copy) -> None:
    root = copied("full", (ACME, "address: 198.51.100.10/29, gateway: 198.51.100.9", "address: dhcp"))
    (problem,) = refused(root)
    line = line_of(root, ACME, "address: dhcp, down_kbps: 100000")
    assert str(problem) == (
        f"customers/acme.yaml:{line}: sites.london.access.address: a hub needs a static address [WV-1]"
        " -> order a static address, or name another hub"
    )


SPOILT = (
    (ACME, '"env:ACME_BGP"', "Pa$$w0rd!", "vpns.corporate.bgp_password", "must be a reference to a secret"),
    (
        ACME,
        "address: 198.51.100.10/29, gateway: 198.51.100.9, down_kbps: 100000",
        "address: dhcp, down_kbps: 100000",
        "sites.london.access.address",
        "static",
    ),
    (ACME, "supplier: Aggregator", "suplier: Aggregator", "sites.london.access.suplier", "did you mean supplier?"),
    (ACME, "installed: true", "installed: yes", "sites.leeds.access.installed", "write true"),
    (ACME, "version: 2010", "version: 2007", "lync.pools.se-pool-1.version", "'2010' or '2013'"),
    (ACME, "role: edge", "role: egde", "lync.servers.acme-lync-edge1.role", "did you mean edge?"),
    (BETA, "customer: beta", "customer: betta", "customer", "rename the file"),
    (
        BETA,
        "ORD-2001",
        "ORD-1002",
        "sites.paris.orders.0.reference",
        "sites.leeds.orders.0.reference at customers/acme",
    ),
    (BETA, "10.30.2.1/24", "10.30.2.1", "sites.lyon.lans.office.0.address", "prefix length"),
    (TOML, 'username = "acmefeed"', 'usrname = "acmefeed"', "credentials.acme-feed.usrname", "did you mean username?"),
    (TOML, 'auth = "env:ACME_FEED_AUTH"', 'auth = "Hunter 2"', "credentials.acme-feed.auth", "must be a reference"),
)


def test_every_error_of_every_file_comes_at_once_with_its_line(copied: Copy) -> None:
    root = copied("full", *(one[:3] for one in SPOILT))
    found = {(problem.file, problem.field): problem for problem in refused(root)}
    for file, _, new, field, words in SPOILT:
        problem = found.pop((file, field))
        assert words in str(problem)
        assert problem.line == line_of(root, file, new), field
        assert problem.remedy
    assert set(found) == {(TOML, "credentials.acme-feed.username")}


def test_what_is_wrong_in_form_is_not_called_wrong_a_second_time(copied: Copy) -> None:
    root = copied(
        "full",
        (ACME, "hubs: [london], tunnel_network: 10.255.8.0/21", "hubs: [london], tunnel_network: 10.255.8.1/21"),
        (ACME, "service_management: basic", "service_management: none"),
        (ACME, "site: leeds", "sites: leeds"),
        (ACME, "gateway: 198.51.100.9", "gatway: 198.51.100.9"),
        (BETA, "hubs: [paris]", "hub: [paris]"),
    )
    assert {problem.field for problem in refused(root)} == {
        "vpns.corporate.tunnel_network",
        "sites.leeds.service_management",
        "lync.pools.se-pool-1.site",
        "lync.pools.se-pool-1.sites",
        "sites.london.access.gatway",
        "vpns.office.hub",
        "vpns.office.hubs",
    }


def test_a_secret_in_clear_is_refused_and_not_repeated(copied: Copy) -> None:
    secret = "S3cret!Value"
    root = copied(
        "full",
        (ACME, '"env:ACME_BGP"', secret),
        (ACME, "{certificates: acme-ca}", f"{{psk: {secret}, certificates: {secret}}}"),
        (TOML, 'password = "env:FLEET_PASSWORD"', f'password = "{secret}"'),
        (TOML, 'username = "betafeed"', f'username = "{secret}"'),
        (TOML, "[secrets]\n", f'[secrets]\nfleet = "{secret}"\n'),
        (TOML, 'kind = "winrm"', f'kind = "{secret}"'),
    )
    with pytest.raises(InventoryError) as caught:
        load_workspace(root)
    assert len(caught.value.problems) >= 6
    assert secret not in str(caught.value)
    assert secret not in repr(caught.value.problems)


def test_a_bare_word_that_may_be_a_secret_is_not_repeated(copied: Copy) -> None:
    (problem,) = refused(copied("full", (TOML, 'password = "env:FLEET_PASSWORD"', 'password = "hunter2"')))
    assert (problem.field, problem.rule) == ("credentials.fleet.password", "INV-12")
    assert "hunter2" not in str(problem)


def test_numbers_and_words_stay_what_people_wrote(copied: Copy) -> None:
    root = copied("full", (ACME, 'backup_at: "02:00"', "backup_at: 12:30"), (ACME, "name: Network desk", "name: no"))
    customer = load_workspace(root).customers["acme"]
    assert customer.sites["london"].router.backup_at == "12:30"
    assert customer.contacts["incidents"].name == "no"


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ('release: "17.9", model: C1111-8P, serial: FCZ0000A0B1', "release: 17.9, model: C1111-8P", "put it in quotes"),
        ("down_kbps: 100000, up", 'down_kbps: "100000", up', "write digits only"),
        ("vlan: 20", "vlan: 0020", "write digits only"),
        ("signed: 2026-10-01, requested", "signed: 20261001, requested", "write it as year-month-day"),
        ("prefix: 10.10.8.0/22", "prefix: 10.10.8.1/22", "write 10.10.8.0/22"),
        ("corporate: 10.255.8.1", "corporate: 8", "write it like 10.254.0.11"),
        ("vlan: 20", "vlan: ~", "give it one, or remove the key"),
        ("hosts: [10.10.1.50, 10.10.1.51]", "hosts: 10.10.1.50", "write [one, two]"),
        ("upgrades: true", "upgrades: on", "write true"),
        ("down_kbps: 100000", "down_kbps: -5", "correct the number"),
        ("hosts: [10.10.1.50, 10.10.1.51]", "hosts: []", "give at least 1"),
        ("status: accepted, signed: 2026-10-01, requested", "status: acepted, requested", "did you mean accepted?"),
    ],
)
def test_a_refusal_says_how_to_write_it(copied: Copy, old: str, new: str, remedy: str) -> None:
    (problem,) = refused(copied("full", (ACME, old, new)))
    assert remedy in problem.remedy
    assert problem.line


def test_the_digest_follows_every_byte_and_every_name(copied: Copy) -> None:
    root = copied("full")
    digests = {load_workspace(root).digest}
    assert digests == {load_workspace(WORKSPACES / "full").digest}
    with (root / BETA).open("a") as file:
        file.write("# seen\n")
    digests.add(load_workspace(root).digest)
    (root / BETA).rename(root / "customers/gamma.yaml")
    text = (root / "customers/gamma.yaml").read_text()
    (root / "customers/gamma.yaml").write_text(text.replace("customer: beta", "customer: gamma"))
    digests.add(load_workspace(root).digest)
    assert len(digests) == 3


def test_warnings_refuse_nothing_and_are_kept(copied: Copy) -> None:
    inventory = load_workspace(copied("full", (ACME, "up_kbps: 20000", "up_kbps: 9000")))
    assert {warning.rule for warning in inventory.warnings} == {"WV-4", "WV-15"}
    assert all(warning.line for warning in inventory.warnings)


def test_customers_are_judged_although_the_settings_are_bad(copied: Copy) -> None:
    root = copied("full", (ACME, "10.255.8.2", "10.255.8.1"), (TOML, "[secrets]", "[secrets"))
    toml, yaml = sorted(refused(root), key=lambda problem: problem.file, reverse=True)
    assert (toml.file, toml.line) == (TOML, line_of(root, TOML, "[secrets"))
    assert yaml.rule == "INV-15"


def test_settings_are_judged_although_there_is_no_customer(tmp_path: Path) -> None:
    shutil.copy(WORKSPACES / "full" / TOML, tmp_path)
    (tmp_path / "customers").mkdir()
    inventory = load_workspace(tmp_path)
    assert (inventory.customers, [warning.file for warning in inventory.warnings]) == ({}, ["customers/"])
    text = (tmp_path / TOML).read_text()
    (tmp_path / TOML).write_text(text.replace('"127.254.0.0/16"', '"127.254.0.0/24"'))
    (problem,) = refused(tmp_path)
    assert (problem.field, problem.line) == ("reach.nat.0.reached", line_of(tmp_path, TOML, "127.254.0.0/24"))
