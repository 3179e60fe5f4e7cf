"""What routers show of faults: statistics that agree at both ends, counters that only grow, a log that says no more."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ntc_templates.parse import parse_output

from agent.lab.faults.wear import Wear
from agent.lab.ios.shell import Shell
from agent.lab.journal.attempts import tried_at, tries
from tests.unit.lab_net.conftest import Live

EXCHANGE = "show crypto ikev2 stats exchange"
TIMEOUTS = "show crypto ikev2 stats timeout"


def configured(live: Live, *lines: str) -> None:
    """Add lines to every router."""
    for name, router in live.world.routers.items():
        live.run(name, router.running.render().replace("\nend", "\n" + "\n".join(lines) + "\nend"))
    live.wait(1)


def numbers(text: str, name: str) -> list[int]:
    """The numbers of a line; none where there is no such line."""
    found = re.search(rf"^ *{name}((?: +\d+)+)\s*$", text, re.MULTILINE)
    return [int(one) for one in found.group(1).split()] if found else []


def typed(live: Live, router: str, command: str) -> str:
    return Shell(live.world.routers[router], "ops", 15).feed(command).text


@given(st.integers(0, 100_000))
def test_tries_and_their_moments_agree(elapsed: int) -> None:
    count = tries(elapsed)
    assert tried_at(count) <= elapsed < tried_at(count + 1)


def test_each_end_counts_the_refusal_from_its_side(live: Live) -> None:
    live.world.damage("spoke-a", "key")
    live.wait(130)
    assert numbers(live.show("spoke-a", EXCHANGE), "AUTHENTICATION_FAILED") == [0, 0, 0, 8]
    assert numbers(live.show("hub", EXCHANGE), "AUTHENTICATION_FAILED") == [0, 8, 0, 0]
    assert numbers(live.show("spoke-b", EXCHANGE), "AUTHENTICATION_FAILED") == []
    for router in ("hub", "spoke-a"):
        said = live.show(router, TIMEOUTS)
        assert numbers(said, "PACKET MAXIMUM RETRANS TIMER") == numbers(said, "DPD MAX RETRANS TIMER") == [0]
    assert "IN-NEG" not in live.show("spoke-a", "show crypto ikev2 sa")
    session = live.show("spoke-a", "show crypto session")
    assert session.count("Session status: DOWN\n") == 2
    assert session.count("Session status: UP-ACTIVE") == 1, "the management tunnel"


def test_a_proposal_that_is_refused_is_no_failed_proof(live: Live) -> None:
    live.change("spoke-a", " group 20 19\n", " group 21\n")
    live.wait(10)
    said = live.show("spoke-a", EXCHANGE)
    assert numbers(said, "AUTHENTICATION_FAILED") == []
    assert numbers(said, "NO_PROPOSAL_CHOSEN")[3] > 0


def test_a_peer_that_is_silent_is_asked_again_and_again(live: Live) -> None:
    live.world.damage("hub", "provider")
    live.wait(200)
    said = live.show("spoke-a", "show crypto ikev2 sa")
    assert "198.51.100.10/500" in said.split("IN-NEG")[0]
    assert "Remote spi: 0000000000000000" in said
    assert numbers(live.show("spoke-a", TIMEOUTS), "PACKET MAXIMUM RETRANS TIMER") == [3]
    assert numbers(live.show("spoke-a", TIMEOUTS), "DPD MAX RETRANS TIMER") == [1]
    assert "Session status: DOWN-NEGOTIATING" in live.show("spoke-a", "show crypto session")
    assert numbers(live.show("spoke-a", EXCHANGE), "AUTHENTICATION_FAILED") == []
    pending = live.show("spoke-a", "show dmvpn detail").partition("Pending DMVPN Sessions:")[2]
    assert pending.count("Crypto Session Status: DOWN-NEGOTIATING") == 2


def test_who_is_cut_off_itself_asks_nobody(live: Live) -> None:
    live.world.damage("spoke-a", "access")
    live.wait(200)
    assert live.show("spoke-a", "show crypto ikev2 sa") == ""
    assert numbers(live.show("spoke-a", TIMEOUTS), "PACKET MAXIMUM RETRANS TIMER") == [0]
    assert numbers(live.show("hub", TIMEOUTS), "DPD MAX RETRANS TIMER") == [1], "the hub misses one peer"


def test_registrations_are_sent_and_not_answered_while_the_tunnel_is_down(live: Live) -> None:
    def counted() -> tuple[int, int]:
        said = live.show("spoke-a", "show ip nhrp nhs detail")
        found = re.search(r"req-sent (\d+)  req-failed 0  repl-recv (\d+)", said)
        assert found, said
        return int(found.group(1)), int(found.group(2))

    sent, answered = counted()
    live.wait(1000)
    assert counted() == (sent + 5, answered + 5), "three times in each hold time"
    live.world.damage("spoke-a", "key")
    live.wait(300)
    vain, still = counted()
    assert still == answered + 5
    assert vain > sent + 10
    said = live.show("spoke-a", "show ip nhrp nhs detail")
    assert "10.255.10.1   E  NBMA Address: 198.51.100.10" in said
    assert "Pending Registration Requests:" in said
    live.world.mend("spoke-a")
    live.wait(10)
    assert counted() == (vain + 1, still + 1)
    traffic = live.show("hub", "show ip nhrp traffic interface Tunnel10")
    assert traffic.startswith("Tunnel10: Max-send limit:10000Pkts/10Sec, Usage:0%\n")


def test_everything_that_is_counted_only_grows_until_the_next_boot(live: Live) -> None:
    live.world.routers["spoke-a"].save("test")
    before = [0] * 8
    for fault in ("key", "", "provider", "", "key", ""):
        if fault:
            live.world.damage("spoke-a", fault)
        else:
            live.world.mend("spoke-a")
        live.wait(70)
        said = live.show("spoke-a", EXCHANGE)
        found = [*(numbers(said, "IKE_SA_INIT") or [0] * 4), *(numbers(said, "AUTHENTICATION_FAILED") or [0] * 4)]
        assert all(new >= old for new, old in zip(found, before, strict=True)), fault
        before = found
    live.world.routers["spoke-a"].reload(seconds=0)
    live.wait(5)
    assert numbers(live.show("spoke-a", EXCHANGE), "AUTHENTICATION_FAILED") == []


def test_loss_is_what_one_end_sent_and_the_other_did_not_get(live: Live) -> None:
    def packets(router: str) -> tuple[int, int]:
        said = live.show(
            router, f"show crypto ipsec sa peer {'198.51.100.10' if router == 'spoke-a' else '198.51.100.18'}"
        )
        found = re.search(r"encaps: (\d+).*decaps: (\d+)", said, re.DOTALL)
        assert found, said
        return int(found.group(1)), int(found.group(2))

    sent, received = packets("spoke-a")
    assert sent == received
    live.world.damage("spoke-a", "loss", 10)
    live.wait(500)
    assert all(live.world.network().is_up(link) for link in live.world.network().links_of("spoke-a"))
    for router in ("spoke-a", "hub"):
        sent, received = packets(router)
        assert 80 <= sent - received <= 120, "a tenth of a thousand"
    wan = live.show("spoke-a", "show interfaces GigabitEthernet0/0/0")
    assert "     200 input errors, 200 CRC, 0 frame" in wan
    assert " 0 input errors" in live.show("hub", "show interfaces GigabitEthernet0/0/0")
    replies = live.world.ping(live.world.routers["spoke-a"], "10.255.10.1", "CORP", "Tunnel10", 500).replies
    assert 50 < replies.count(None) < 150


def test_delay_is_in_the_pings_of_the_routers(live: Live) -> None:
    router = live.world.routers["hub"]
    before = live.world.ping(router, "10.255.10.2", "CORP", "Tunnel10", 1).replies[0] or 0
    live.world.damage("spoke-a", "delay", 250)
    assert (live.world.ping(router, "10.255.10.2", "CORP", "Tunnel10", 1).replies[0] or 0) == before + 250


def test_what_an_access_does_is_done_to_pings_of_its_internet_address(live: Live) -> None:
    live.world.damage("spoke-a", "delay", 250)
    live.world.damage("spoke-a", "loss", 30)
    replies = live.world.ping(live.world.routers["hub"], "198.51.100.18", None, None, 200).replies
    assert 60 < replies.count(None) < 145
    assert min(one for one in replies if one is not None) > 250
    replies = live.world.ping(live.world.routers["hub"], "198.51.100.26", None, None, 50).replies
    assert None not in replies


def test_lost_seconds_add_up() -> None:
    wear = Wear()
    for percent, at in ((20, 100), (0, 200), (50, 300)):
        wear.change("r", percent, at)
    assert wear.lost_seconds("r", 0, 310) == pytest.approx(25)
    assert wear.lost_seconds("r", 150, 250) == pytest.approx(10)
    assert wear.lost_seconds("other", 0, 1000) == 0


def test_the_log_says_what_its_lines_ask_for(live: Live) -> None:
    live.world.damage("spoke-a", "key")
    live.wait(20)
    said = live.show("spoke-a", "show logging")
    assert "%LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel10, changed state to down" in said
    assert "%BGP-5-ADJCHANGE: neighbor 10.255.10.1 vpn vrf CORP Down Interface flap" in said
    assert "%SYS-5-CONFIG_I: Configured from console by console" in said
    assert "%DMVPN" not in said
    assert "IKEV2" not in said
    live.world.mend("spoke-a")
    configured(live, "logging dmvpn", "crypto logging ikev2")
    live.wait(20)
    live.world.damage("spoke-a", "key")
    live.wait(20)
    said = live.show("spoke-a", "show logging")
    assert re.search(
        r"%DMVPN-5-NHRP_NHS_DOWN: Tunnel10: Next Hop Server : \(Tunnel: 10\.255\.10\.1 NBMA: 198\.51\.100\.10 \) "
        r"for \(Tunnel: 10\.255\.10\.2 NBMA: 198\.51\.100\.18\) is DOWN, Reason: External\(NHRP: no error\)",
        said,
    )
    assert "%IKEV2-3-NEG_ABORT: Negotiation aborted due to ERROR: Auth exchange failed" in said
    assert "mistyped" not in said, "keys are in no log"
    hub = live.show("hub", "show logging")
    assert "%DMVPN-5-NHRP_NHC_DOWN: Tunnel10: Next Hop Client : (Tunnel: 10.255.10.2 NBMA: 198.51.100.18 )" in hub
    assert "%BGP-3-NOTIFICATION: sent to neighbor *10.255.10.2 vpn vrf CORP 4/0 (hold time expired) 0 bytes" in hub


def test_the_log_keeps_the_level_and_size_that_it_is_told_to(live: Live) -> None:
    configured(live, "logging buffered 4096 errors")
    live.world.damage("spoke-a", "access")
    live.wait(2)
    said = live.show("spoke-a", "show logging")
    buffer = said.partition("Log Buffer (4096 bytes):")[2]
    assert "%LINK-3-UPDOWN: Interface GigabitEthernet0/0/0, changed state to down" in buffer
    assert "LINEPROTO" not in buffer
    live.world.routers["spoke-a"].reload(seconds=0)
    assert "GigabitEthernet0/0/0, changed state to down" not in live.show("spoke-a", "show logging")


def test_outside_parsers_read_the_log_and_the_load(live: Live) -> None:
    stamps = "service timestamps log datetime msec localtime show-timezone"
    configured(live, stamps, "service sequence-numbers", "ntp server vrf MGMT 10.254.255.10")
    live.world.damage("spoke-a", "access")
    live.wait(2)
    rows = parse_output(platform="cisco_ios", command="show logging", data=live.show("spoke-a", "show logging"))
    assert ("LINK", "3", "UPDOWN") in {(row["facility"], row["severity"], row["mnemonic"]) for row in rows}
    live.world.damage("spoke-a", "cpu", 92)
    live.wait(400)
    command = "show processes cpu sorted 5min"
    rows = parse_output(platform="cisco_ios", command="show processes cpu", data=live.show("spoke-a", command))
    assert (rows[0]["cpu_usage_5_sec"], rows[0]["cpu_usage_1_min"]) == ("92", "92")
    assert rows[0]["process_name"] == "IP Input"
    assert 60 < int(rows[0]["cpu_usage_5_min"]) < 80


@pytest.mark.parametrize(
    "command",
    [
        "show crypto ikev2 stats nonsense", "show crypto ikev2 nonsense", "show ip nhrp nonsense",
        "show dmvpn nonsense",
        "show processes cpu nonsense", "show processes memory", "show crypto ipsec sa peer nonsense",
        "show ip nhrp nhs nonsense", "show crypto session nonsense",
    ],
)  # fmt: skip
def test_unknown_commands_stay_invalid(live: Live, command: str) -> None:
    assert "% Invalid input detected" in typed(live, "spoke-a", command)


def test_abbreviations_and_pipes_reach_the_new_commands(live: Live) -> None:
    assert "req-sent" in typed(live, "spoke-a", "sh ip nhrp nhs det")
    assert typed(live, "spoke-a", "sh crypto ikev2 stat time | inc DPD").startswith("DPD MAX RETRANS TIMER")
    assert typed(live, "spoke-a", "sh ip nhrp traffic int tu20").startswith("Tunnel20:")
