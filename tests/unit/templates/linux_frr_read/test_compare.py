"""Two configurations compared by what they say: FRR's and nftables' own words and order are no difference."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_templates.errors import NotParsable
from device_templates.linux_frr.comparing.candidate import candidate
from device_templates.linux_frr.comparing.compare import compare
from device_templates.linux_frr.comparing.features import difference_by_feature, essential
from device_templates.linux_frr.reading.document import parse
from device_templates.linux_frr.reading.lasting import as_saved, lasting
from device_templates.texts import Rendered, RenderedLine, hidden
from tests.unit.templates.linux_frr_read.samples import (
    CORPORATE_NFT,
    FILES,
    FRONT_DOOR,
    FRR,
    FRR_SHOWN,
    HUB,
    HUB_RUNNING,
    SECRETS,
    SWANCTL,
    content,
    with_files,
)

FRR_CONF = "etc/frr/corporate/frr.conf"
GATE = "etc/nftables/front-door.nft"


def test_what_frr_shows_of_what_it_was_given_is_equal() -> None:
    found = compare(HUB, HUB_RUNNING)
    assert found.equal
    assert {line.text for line in found.masked} == {
        "frr version 8.4.4",
        "hostname acme-lon-r1",
        "no ipv6 forwarding",
    }
    assert as_saved(HUB) == as_saved(HUB_RUNNING)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            FRR_CONF,
            "neighbor SPOKES maximum-prefix 100 80 restart 5",
            "neighbor SPOKES maximum-prefix 200 80 restart 5",
        ),
        (FRR_CONF, " ip nhrp redirect\n", ""),
        (FRR_CONF, "bgp-pass-word", "another-pass"),
        (FRR_CONF, "nhrp nflog-group 10\n", "nhrp nflog-group 10\nno ip forwarding\n"),
        (FRR_CONF, "seq 5 permit 10.10.0.0/16 le 32", "seq 5 permit 10.10.0.0/15 le 32"),
        (GATE, "policy drop", "policy accept"),
        (GATE, "10.254.0.6", "10.254.0.7"),
        (GATE, '		iif "lo" accept\n', ""),
        ("etc/spokesman/network.toml", 'ports = ["eth2"]', 'ports = ["eth2", "eth3"]'),
        ("etc/spokesman/network.toml", "key = 10", "key = 11"),
        ("etc/spokesman/users", "fleet:", "other:"),
        ("etc/ssh/sshd_config", "yes", "no"),
        ("etc/snmp/snmpd.conf", "priv-pass-1", "priv-pass-2"),
        ("etc/swanctl/swanctl.conf", "vpn-key-1", "vpn-key-2"),
        ("etc/swanctl/swanctl.conf", "mode = transport", "mode = tunnel"),
    ],
)
def test_what_says_something_else_is_a_difference(path: str, old: str, new: str) -> None:
    changed = with_files({path: FILES[path].replace(old, new, 1)})
    assert FILES[path].count(old)
    found = compare(HUB, changed)
    assert not found.equal
    assert as_saved(HUB) != as_saved(changed)
    shown = " ".join(str(line) for line in (*found.only_in_a, *found.only_in_b))
    assert path in shown
    assert not any(secret in shown for secret in SECRETS)


def test_the_kernel_shows_a_ruleset_in_its_own_words() -> None:
    written = """\
flush ruleset
define WAN = "eth0"
table inet filter {
	set managers { type ipv4_addr; flags interval; elements = { 10.254.1.5, 10.254.0.0/24 }; }
	chain input {
		type filter hook input priority 0; policy drop;
		ct state established, related accept  # answers
		iif lo accept
		iifname $WAN udp dport { 4500, 500 } accept
		udp dport { snmp, ntp } ip saddr @managers accept
		tcp flags & (syn|rst) == syn tcp option maxseg size set rt mtu
		meta mark set 0x10
		limit rate 10/second burst 5 packets ip saddr { 10.0.0.2, 10.0.0.10 } accept
		ip saddr 10.0.0.0/8 reject with icmp type admin-prohibited
		ip saddr 10.0.0.7/32 ip daddr != 10.0.0.9/32 accept
	}
}
"""
    shown = """\
table inet filter {
	set managers {
		type ipv4_addr
		flags interval
		elements = { 10.254.0.0/24, 10.254.1.5 }
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iif "lo" accept
		iifname "eth0" udp dport { 500, 4500 } accept
		udp dport { 123, 161 } ip saddr @managers accept
		tcp flags syn / syn,rst tcp option maxseg size set rt mtu
		meta mark set 0x00000010
		limit rate 10/second ip saddr { 10.0.0.2, 10.0.0.10 } accept
		ip saddr 10.0.0.0/8 reject with icmp admin-prohibited
		ip saddr 10.0.0.7 ip daddr != 10.0.0.9 accept
	}
}
"""
    found = compare(with_files({GATE: written}), with_files({GATE: shown}))
    assert found.equal, found.only_in_a + found.only_in_b


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (GATE, "table a {" + " { " * 50_000 + " } " * 50_000 + "}\n"),
        (
            GATE,
            "table a {\nchain b {\nmeta mark 010 accept\ntype filter hook input priority " + "9" * 5000 + "\n}\n}\n",
        ),
        (
            GATE,
            "table a {\nset b {\nelements = { "
            + ", ".join(f"10.{n % 256}.{n // 256}.0/24" for n in range(40_000))
            + " }\n}\n}",
        ),
        (FRR_CONF, "".join(f"ip prefix-list a permit 10.0.0.{number}/32\n" for number in range(40_000))),
        ("etc/swanctl/swanctl.conf", "secret = a" + " " * 3900 + "x\n"),
        ("etc/spokesman/network.toml", "a = [\n" * 20_000),
    ],
)
def test_long_and_odd_files_take_no_time(path: str, text: str) -> None:
    document = with_files({path: text})
    assert compare(document, document).equal


def test_what_packets_put_into_a_set_is_no_part_of_the_ruleset() -> None:
    written = """\
table ip spokesman {
	set redirected { type ipv4_addr . ipv4_addr; flags timeout, dynamic; timeout 5s; }
	chain forward {
		type filter hook forward priority 0; policy accept;
		iifname "gre10" update @redirected { ip saddr . ip daddr limit rate 12/minute burst 2 packets } log group 1
	}
}
"""
    shown = written.replace(
        "flags timeout, dynamic; timeout 5s; }",
        "size 65535\nflags dynamic,timeout\ntimeout 5s\n"
        "elements = { 10.0.0.1 . 10.0.0.2 limit rate 12/minute burst 2 packets expires 3s }\n}",
    )
    found = compare(with_files({GATE: written}), with_files({GATE: shown}))
    assert found.equal, found.only_in_a + found.only_in_b


def test_the_order_of_rules_counts_and_that_of_settings_does_not() -> None:
    rules = FRONT_DOOR.split("\n")
    rules[4], rules[5] = rules[5], rules[4]
    assert not compare(HUB, with_files({GATE: "\n".join(rules)})).equal
    swanctl = SWANCTL.replace("  management {", "  later {", 1)
    assert not compare(HUB, with_files({"etc/swanctl/swanctl.conf": swanctl})).equal
    sections = SWANCTL.replace(
        "    version = 2\n    local_addrs = 198.51.100.10\n", "    local_addrs=198.51.100.10\n    version = 2\n"
    )
    assert compare(HUB, with_files({"etc/swanctl/swanctl.conf": sections})).equal


def test_defaults_that_frr_hides_are_in_force_where_they_are_absent() -> None:
    given = FRR.replace(" ip nhrp holdtime 600\n", " ip nhrp holdtime 7200\n no shutdown\n")
    runs = FRR_SHOWN.replace(" ip nhrp holdtime 600\n", "")
    found = compare(with_files({FRR_CONF: given}), with_files({FRR_CONF: runs}))
    assert found.equal
    assert "a default that FRR does not show" in {line.reason for line in found.masked}
    other = FRR_SHOWN.replace("holdtime 600", "holdtime 60")
    assert not compare(with_files({FRR_CONF: given}), with_files({FRR_CONF: other})).equal


def test_numbers_that_frr_gives_by_itself_are_no_difference() -> None:
    given = FRR.replace("MEMBERS seq 5 ", "MEMBERS ").replace("MEMBERS seq 10 ", "MEMBERS ")
    assert compare(with_files({FRR_CONF: given}), HUB_RUNNING).equal


def test_a_file_that_only_one_side_has_is_a_difference() -> None:
    found = compare(HUB, with_files({"etc/rsyslog.conf": "*.* @10.254.0.5\n", "etc/spokesman/users": None}))
    assert [str(line) for line in found.only_in_b] == ["etc/rsyslog.conf", "etc/rsyslog.conf > *.* @10.254.0.5"]
    assert str(found.only_in_a[0]) == "etc/spokesman/users"


def test_a_candidate_leaves_alone_what_says_the_same() -> None:
    made = candidate(HUB, HUB_RUNNING)
    assert compare(made, HUB_RUNNING).equal
    assert compare(HUB, made).equal
    shown = content(made, FRR_CONF)
    assert shown.startswith("frr version 8.4.4\nfrr defaults traditional\nhostname acme-lon-r1\n")
    assert "Building" not in shown
    assert candidate(HUB, made) == made


def test_a_candidate_changes_what_differs_and_keeps_what_frr_writes_by_itself() -> None:
    runs = with_files(
        {FRR_CONF: FRR_SHOWN.replace("ip nhrp redirect\n", "ip nhrp shortcut\n"), "etc/rsyslog.conf": "*.* /dev/null\n"}
    )
    made = candidate(HUB, runs)
    shown = content(made, FRR_CONF)
    assert shown.startswith("frr version 8.4.4\n")
    assert " ip nhrp redirect\n" in shown
    assert "shortcut" not in shown
    assert parse(made).content("etc/rsyslog.conf") is None
    assert compare(HUB, made).equal


def test_what_lasts_is_a_document_again() -> None:
    text = lasting(HUB_RUNNING)
    assert lasting(text) == text
    assert "Building" not in text
    assert compare(text, HUB_RUNNING).equal
    assert lasting("no document") == "no document"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (GATE, "table inet filter {\n"),
        (GATE, "}\n"),
        (GATE, "table x {" * 100),
        ("etc/swanctl/swanctl.conf", "a { " * 200 + "}" * 200),
        (FRR_CONF, "".join(f"{' ' * depth}router bgp {depth}\n" for depth in range(100))),
    ],
)
def test_what_no_program_would_read_is_refused(path: str, text: str) -> None:
    with pytest.raises(NotParsable):
        compare(HUB, with_files({path: text}))


PIECES = st.lists(
    st.sampled_from(["{", "}", '"', "\n", " ", "#", ";", "a", "table x", "=", "[", "]", "'", "\\", "interface x", "%%"])
)


@given(st.sampled_from(sorted(FILES)), PIECES)
def test_whatever_a_file_holds_it_is_read_or_refused(path: str, pieces: list[str]) -> None:
    text = with_files({path: "".join(pieces) + "\n"})
    with contextlib.suppress(NotParsable):
        assert compare(text, text).equal
    lasting(text)
    assert as_saved(text) == as_saved(text)


def rendered() -> Rendered:
    lines = []
    for path, text in FILES.items():
        title = {FRR_CONF: "VPN corporate", GATE: "Internet access", "etc/spokesman/users": "Logins"}.get(
            path, "Router"
        )
        for line in text.splitlines():
            lines.append(RenderedLine(line, (path,), "x.j2", title, "WV-1", "sites.london"))
    return Rendered("acme-lon-r1", HUB, tuple(lines))


def test_a_difference_is_told_by_feature_without_secrets() -> None:
    runs = with_files(
        {
            FRR_CONF: FRR_SHOWN.replace("bgp-pass-word", "another").replace(
                " ip nhrp redirect\n", " ip nhrp shortcut\n"
            ),
            GATE: FRONT_DOOR.replace("10.254.0.6", "10.254.0.7"),
            "etc/rsyslog.conf": "*.* @10.254.0.5\n",
        }
    )
    found = {one.title: one for one in difference_by_feature(rendered(), runs)}
    assert list(found) == ["VPN corporate", "Internet access", "Not of the service"]
    assert found["VPN corporate"].lines == (
        "  etc/frr/corporate/frr.conf",
        "   interface gre10",
        "-   ip nhrp shortcut",
        "+   ip nhrp redirect",
        "   router bgp 65010",
        f"-   neighbor SPOKES password {hidden('another')}",
        f"+   neighbor SPOKES password {hidden('bgp-pass-word')}",
    )
    shown = "\n".join(line for one in found.values() for line in one.lines)
    assert "bgp-pass-word" not in shown
    assert "another" not in shown
    assert "<secret:" in shown
    assert difference_by_feature(rendered(), HUB_RUNNING) == ()


@pytest.mark.parametrize("key", ["ab#cd-efgh", "ab}cd-efgh", "ab cd-efgh", 'ab\\"cd-efgh', "ab;cd-efgh"])
def test_no_part_of_a_key_is_shown_whatever_it_holds(key: str) -> None:
    changed = SWANCTL.replace("vpn-key-1", key)
    found = compare(HUB, with_files({"etc/swanctl/swanctl.conf": changed}))
    assert not any("cd-efgh" in str(line) or "ab" in line.text.partition("<")[0] for line in found.only_in_b)
    assert len(found.only_in_b) == 1


def test_numbers_of_entries_are_not_essential() -> None:
    assert (
        essential("+  ip prefix-list MEMBERS seq 15 permit 10.0.0.0/8") == "+  ip prefix-list MEMBERS permit 10.0.0.0/8"
    )
    assert essential("-  neighbor X activate") == "-  neighbor X activate"


def test_the_other_ruleset_of_the_sample_is_read() -> None:
    assert compare(HUB, with_files({"etc/nftables/corporate.nft": CORPORATE_NFT.replace("1360", "1300")})).only_in_b
