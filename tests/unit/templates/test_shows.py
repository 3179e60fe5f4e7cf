"""Reading what IOS-XE shows of IKE errors, IPsec counters, certificates, load and log, in the device's own forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_templates.cisco_iosxe.shows import SHOWS, without_encrypted_keys
from device_templates.cisco_iosxe.shows import box as box_readings
from device_templates.cisco_iosxe.shows import crypto as readings
from device_templates.cisco_iosxe.shows import tunnels as link_readings
from device_templates.shows import IkeRequests, IpsecCounters

NOW = datetime(2026, 11, 21, 10, 52, 8, tzinfo=UTC)

EXCHANGES = """EXCHANGE/NOTIFY TX(REQ) TX(RES) RX(REQ) RX(RES)

EXCHANGES

IKE_SA_INIT                   8618     0        0        5206
IKE_AUTH 5206 0 0 5206

ERROR NOTIFY

NO_PROPOSAL_CHOSEN            0        0        0        5203
AUTHENTICATION_FAILED         0        7        0        2

OTHER NOTIFY

INITIAL_CONTACT 5206 0 0 0

CONFIG PAYLOAD TYPE TX RX
"""
ERRORS = """Exit Path Table - status: enable, current entry 2, deleted 0, max allow 50

Error(12): Auth exchange failed
 -Traceback= 1#5f2b :400000 60AB3 :400000 60AC1
Error(3): Maximum number of retransmissions reached
 -Traceback= 1#5f2b :400000 60AB3
"""
STATS = """--------------------------------------------------------------------------------
                          Crypto IKEv2 SA Statistics
--------------------------------------------------------------------------------
System Resource Limit:   0        Max IKEv2 SAs: 0        Max in nego(in/out): 40/400
Total incoming IKEv2 SA Count:    0        active:        0        negotiating: 0
Incoming IKEv2 Requests: 13       accepted:      12       rejected:    1
Outgoing IKEv2 Requests: 14       accepted:      9        rejected:    5
Rejected IKEv2 Requests: 0        rsrc low:      0        SA limit:    0
"""
IPSEC = """
interface: Tunnel10
    Crypto map tag: Tunnel10-head-0, local addr 198.51.100.10

   protected vrf: (none)
   local  ident (addr/mask/prot/port): (198.51.100.10/255.255.255.255/47/0)
   remote ident (addr/mask/prot/port): (203.0.113.7/255.255.255.255/47/0)
   current_peer 203.0.113.7 port 4500
     PERMIT, flags={origin_is_acl,}
    #pkts encaps: 1021, #pkts encrypt: 1021, #pkts digest: 1021
    #pkts decaps: 998, #pkts decrypt: 998, #pkts verify: 998
    #pkts compressed: 0, #pkts decompressed: 0
    #send errors 4, #recv errors 2

   current_peer 198.51.100.18 port 500
    #pkts encaps: 5, #pkts encrypt: 5, #pkts digest: 5
    #pkts decaps: 0, #pkts decrypt: 0, #pkts verify: 0
    #send errors 0, #recv errors 0
"""
PKI = """Certificate
  Status: Available
  Certificate Serial Number (hex): 5A00000B
  Certificate Usage: General Purpose
  Issuer:
    cn=Example CA
    o=Example
  Subject:
    Name: acme-lee-r1.managed.invalid
    Serial Number: FCZ0000A0B2
    cn=acme-lee-r1
  CRL Distribution Points:
    http://ca.example/ca.crl
  Validity Date:
    start date: 10:05:00 UTC Nov 21 2025
    end   date: 10:44:00 UTC Nov 21 2026
    renew date: 10:36:12 UTC Sep 9 2026
  Associated Trustpoints: PROVIDER-CA

CA Certificate
  Status: Available
  Certificate Serial Number (hex): 01
  Certificate Usage: Signature
  Issuer:
    cn=Example CA
  Subject:
    cn=Example CA
  Validity Date:
    start date: 09:00:00 UTC Jan 1 2024
    end   date: 09:00:00 UTC Jan 1 2034
  Associated Trustpoints: PROVIDER-CA

Router Self-Signed Certificate
  Status: Available
  Subject:
    Name: IOS-Self-Signed-Certificate-41
  Validity Date:
    start date: 21:37:27 CET Apr 23 2018
    end   date: 00:00:00 CET Jan 1 2020
  Associated Trustpoints: TP-self-signed-41
"""
CPU = """CPU utilization for five seconds: 97%/12%; one minute: 93%; five minutes: 71%
 PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process
 117       41220      103213        399 61.11% 60.02% 58.90%   0 IP SNMP
  84        1220        3213         39 21.00% 22.50%  9.10%   0 SSH Process
   1           4         213          0  0.00%  0.00%  0.00%   0 Chunk Manager
"""
LOG = """Syslog logging: enabled (0 messages dropped, 3 messages rate-limited, 0 flushes, 0 overruns)

Log Buffer (4096 bytes):

000121: *Nov 21 10:40:12.123 UTC: %SYS-5-CONFIG_I: Configured from console by eve on vty0 (192.0.2.9)
*Nov 21 10:44:31.004: %PKI-3-CERTIFICATE_INVALID_EXPIRED: Certificate chain validation has failed.
.Dec 31 23:59:58.000 UTC: %BGP-5-ADJCHANGE: neighbor 10.255.8.1 vpn vrf CORPORATE Down BGP Notification sent
*Nov 21 10:45:00.000: %HA_EM-6-LOG: nothing of ours
-Traceback= 1#5f2b
"""
NHS = """Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic
Tunnel10:
10.255.8.1  RE NBMA Address: 198.51.100.10\
 priority = 0 cluster = 0  req-sent 34560 req-failed 0 repl-recv 26580 (00:03:14 ago)
10.255.8.9   E priority = 0 cluster = 0
      req-sent 42 req-failed 3 repl-recv 0

Pending Registration Requests:
Registration Request: Reqid 15, Ret 64  NHS 10.255.8.9 expired (Tu10)
"""


def test_errors_of_the_exchange_statistics() -> None:
    assert readings.error_notifies(EXCHANGES) == {"NO_PROPOSAL_CHOSEN": 5203, "AUTHENTICATION_FAILED": 9}


def test_the_error_table() -> None:
    found = {"Auth exchange failed": 12, "Maximum number of retransmissions reached": 3}
    assert readings.ike_errors(ERRORS) == found


def test_accepted_and_rejected_requests() -> None:
    assert readings.ike_requests(STATS) == (IkeRequests("incoming", 12, 1), IkeRequests("outgoing", 9, 5))


def test_ipsec_counters_stay_with_their_peer() -> None:
    found = readings.ipsec(IPSEC)
    assert found["203.0.113.7"] == IpsecCounters(1021, 998, 4, 2)
    assert found["198.51.100.18"] == IpsecCounters(5, 0, 0, 0)


def test_certificates_tell_whose_they_are_and_until_when() -> None:
    own, authority, self_signed = readings.certificates(PKI)
    assert (own.own, own.authority, own.status) == (True, "PROVIDER-CA", "Available")
    assert "cn=acme-lee-r1" in own.subject
    assert own.starts == datetime(2025, 11, 21, 10, 5, tzinfo=UTC)
    assert own.ends == datetime(2026, 11, 21, 10, 44, tzinfo=UTC)
    assert (authority.own, self_signed.own) == (False, False)
    assert self_signed.ends is None, "a zone that this machine cannot tell is no moment"


def test_load_and_its_busiest_processes() -> None:
    found = box_readings.load(CPU)
    assert found is not None
    assert (found.one_minute, found.five_minutes) == (93, 71)
    assert found.busiest == (("IP SNMP", 60.02), ("SSH Process", 22.5))


def test_a_load_above_a_whole_processor_is_none() -> None:
    assert box_readings.load(CPU.replace("one minute: 93%", "one minute: 930%")) is None


def test_the_log_keeps_what_tells_of_faults() -> None:
    lines = box_readings.log_tail(LOG, NOW)
    assert [(line.source, line.severity) for line in lines] == [("SYS", 5), ("PKI", 3), ("BGP", 5)]
    assert str(lines[1]) == "%PKI-3-CERTIFICATE_INVALID_EXPIRED: Certificate chain validation has failed."
    assert lines[0].at == datetime(2026, 11, 21, 10, 40, 12, tzinfo=UTC)
    assert lines[2].at == datetime(2025, 12, 31, 23, 59, 58, tzinfo=UTC), "a later day is of last year"
    assert [line.at for line in box_readings.log_tail(LOG, None)] == [None, None, None]


def test_the_year_of_the_log_is_that_of_the_routers_clock() -> None:
    texts = {"show logging": LOG, "show clock": "*10:52:08.123 UTC Sat Nov 21 2026"}
    seen = SHOWS.log(texts.__getitem__)
    assert [line.at is not None for line in seen.value] == [True, True, True]
    assert seen.text.splitlines()[0].startswith("%SYS-5-CONFIG_I: ")


BRIEF = """Interface              IP-Address      OK? Method Status                Protocol
GigabitEthernet0/0/0   198.18.0.2      YES DHCP   up                    up
Vlan10                 10.10.2.1       YES NVRAM  up                    down
Vlan20                 10.20.2.1       YES NVRAM  administratively down down
"""


def test_interfaces_tell_whether_they_are_shut_down_or_only_down() -> None:
    seen = SHOWS.interfaces(lambda _: BRIEF).value
    assert {name: (one.enabled, one.up, one.words) for name, one in seen.items()} == {
        "GigabitEthernet0/0/0": (True, True, "up"),
        "Vlan10": (True, False, "up, line protocol down"),
        "Vlan20": (False, False, "administratively down, line protocol down"),
    }


@pytest.mark.parametrize(
    ("text", "synchronised", "words"),
    [
        ("Clock is synchronized, stratum 3, reference is 10.253.0.20\n", True, "Clock is synchronized"),
        ("Clock is unsynchronized, stratum 16, no reference clock\n", False, "Clock is unsynchronized"),
        ("", False, "no answer"),
    ],
)
def test_whether_the_clock_follows_a_server(text: str, synchronised: bool, words: str) -> None:
    seen = SHOWS.ntp(lambda _: text).value
    assert (seen.synchronised, seen.words) == (synchronised, words)


def test_next_hop_servers_respond_or_do_not() -> None:
    found = link_readings.servers(NHS)
    assert (found["10.255.8.1"].responds, found["10.255.8.1"].sent, found["10.255.8.1"].answered) == (
        True,
        34560,
        26580,
    )
    assert (found["10.255.8.9"].responds, found["10.255.8.9"].failed, found["10.255.8.9"].answered) == (False, 3, 0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("*10:52:08.123 UTC Sat Nov 21 2026", NOW),
        (".10:52:08.123 UTC Sat Nov 21 2026", NOW),
        ("10:52:08 GMT Sat Nov 21 2026", NOW),
        ("10:52:08.123 CET Sat Nov 21 2026", None),
        ("25:61:08.123 UTC Sat Nov 21 2026", None),
        ("10:52:08.123 UTC Sat Feb 30 2026", None),
        ("% Invalid input detected", None),
    ],
)
def test_the_clock(text: str, moment: datetime | None) -> None:
    assert readings.moment(text) == moment


ALL = [EXCHANGES, ERRORS, STATS, IPSEC, PKI, CPU, LOG, NHS]


@given(st.sampled_from(ALL), st.integers(0, 1500), st.text(max_size=200))
def test_garbage_and_truncation_are_survived(text: str, cut: int, garbage: str) -> None:
    for given_text in (garbage, text[:cut] + garbage, garbage + text[cut:]):
        readings.error_notifies(given_text)
        readings.ike_errors(given_text)
        readings.ike_requests(given_text)
        readings.ipsec(given_text)
        readings.certificates(given_text)
        box_readings.load(given_text)
        box_readings.log_tail(given_text, NOW)
        link_readings.servers(given_text)
        readings.moment(given_text)


@pytest.mark.parametrize(
    "line",
    ["", " ", "   Subject:", "Certificate", "1.1.1.1 RE", "ERROR NOTIFY", "9 9 9 9 9.9%", f"Error(1): a{' ' * 1900}x"],
)
def test_long_output_of_nothing_is_read_in_no_time(line: str) -> None:
    text = "Certificate\n  Subject:\n" + f"{line}\n" * 20_000
    readings.error_notifies(text)
    readings.ike_errors(text)
    readings.ike_requests(text)
    readings.ipsec(text)
    readings.certificates(text)
    box_readings.load(text)
    box_readings.log_tail(text, NOW)
    link_readings.servers(text)


def test_a_truncated_certificate_never_takes_the_dates_of_the_next_one() -> None:
    cut = PKI.replace("    end   date: 10:44:00 UTC Nov 21 2026\n", "")
    assert readings.certificates(cut)[0].ends is None


def test_keys_are_read_by_keyring_and_one_that_may_be_cut_short_is_not() -> None:
    shown = "crypto ikev2 keyring A\n peer X\n  pre-shared-key local <one>\n !\ncrypto ikev2 keyring B\n peer Y\n"
    assert readings.keys(f"{shown}  pre-shared-key <two>\n !\n") == {"A": {"<one>"}, "B": {"<two>"}}
    assert readings.keys(f"{shown}  pre-shared-key <tw") == {"A": {"<one>"}}


def test_a_key_that_only_its_router_can_read_is_no_key() -> None:
    shown = without_encrypted_keys("crypto ikev2 keyring A\n peer X\n  pre-shared-key 6 GBJ[\n !\n")
    assert readings.keys(shown) == {}
    assert "GBJ" not in shown
