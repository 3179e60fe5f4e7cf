"""What a configuration lacks or has too much is named where a verdict's lines are all as intended."""

from __future__ import annotations

import pytest

from agent.app.differences import Difference, differences, nearest

INTENDED = """\
hostname r
track 14 list boolean or
 object 11 not
 object 12
interface Vlan10
 standby version 2
 standby 10 ip 10.0.0.1
 standby 10 preempt
 description a LAN
ip route 0.0.0.0 0.0.0.0 Dialer0
ip access-list extended OFFLOAD
 10 permit tcp any any eq 873
route-map ELSEWHERE permit 10
 match ip address OFFLOAD
ntp server 10.0.0.5
end
"""


def _every(line: str, intended: bool) -> bool:
    return True


@pytest.mark.parametrize(
    ("before", "after", "cited", "told"),
    [
        (
            " standby 10 preempt\n",
            "",
            ("interface Vlan10", "standby 10 ip 10.0.0.1"),
            "at line 5, under which is missing: standby 10 preempt",
        ),
        ("object 11 not", "object 11", ("track 14 list boolean or",), "at line 3, which should read: object 11 not"),
        (
            "eq 873",
            "eq 874",
            ("route-map ELSEWHERE permit 10", "match ip address OFFLOAD"),
            "at line 12, which should read: 10 permit tcp any any eq 873",
        ),
        (
            "ip route 0.0.0.0 0.0.0.0 Dialer0\n",
            "",
            ("ip route 10.0.0.0 255.0.0.0 Null0",),
            "in which is missing: ip route 0.0.0.0 0.0.0.0 Dialer0",
        ),
        ("hostname r\n", "hostname r\nhost x\n", ("host x",), "at line 2, which is not intended"),
    ],
)
def test_what_is_named_is_nearest_to_what_is_cited(before: str, after: str, cited: tuple[str, ...], told: str) -> None:
    text = INTENDED.replace(before, after).replace("a LAN", "another LAN")
    found = differences(text, INTENDED, _every)
    assert len(found) == 2
    (near,) = nearest(found, {cited})
    assert near.told(str) == told


def test_nothing_is_near_what_is_of_another_section() -> None:
    found = differences(INTENDED.replace("ntp server 10.0.0.5\n", ""), INTENDED, _every)
    assert found == (Difference(0, ("ntp server 10.0.0.5",), missing=True),)
    assert nearest(found, {("interface Vlan10",)}) == ()


def test_what_does_not_count_is_no_difference() -> None:
    assert differences(f"{INTENDED}!\nmade up\n", INTENDED, lambda line, _: line != "made up") == ()
