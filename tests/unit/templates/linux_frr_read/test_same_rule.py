"""The templates' reader and the router's own program take the same documents for whole, and read the same files."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from device_templates.errors import NotParsable
from device_templates.linux_frr.onboard.router.change import document as onboard
from device_templates.linux_frr.onboard.router.errors import Refused
from device_templates.linux_frr.reading.document import parse, write
from tests.unit.templates.linux_frr_read.samples import HUB, HUB_RUNNING
from tests.unit.templates.linux_frr_read.test_document import sealed

PIECES = st.sampled_from(
    [
        "%% file etc/frr/corporate/frr.conf",
        "%% file etc/frr/Corporate/frr.conf",
        "%% file etc/frr/../frr.conf",
        "%% file etc/frr/a/b/frr.conf",
        "%% file etc/issue.net",
        "%% file etc/chrony/chrony.conf",
        "%% file etc/chrony/chrony.keys",
        "%% file etc/keepalived/corporate.conf",
        "%% file etc/nftables/front-door.nft",
        "%% file etc/rsyslog.conf",
        "%% file etc/rsyslog.d/x.conf",
        "%% file etc/snmp/corporate/snmpd.conf",
        "%% file etc/snmp/snmpd.conf",
        "%% file etc/spokesman/identity.json",
        "%% file etc/spokesman/network.toml",
        "%% file etc/spokesman/qos.tc",
        "%% file etc/spokesman/users",
        "%% file etc/ssh/sshd_config",
        "%% file etc/ssh/sshd_config ",
        "%% file  etc/ssh/sshd_config",
        "%% file etc/swanctl/private/a.pem",
        "%% file etc/swanctl/swanctl.conf",
        "%% file etc/swanctl/x509ca/a.pem",
        "%% file",
        "%% end 1 x",
        "%%",
        "%%%",
        "%%% file etc/ssh/sshd_config",
        "%",
        "",
        "a line",
        "\x0c",
        "é",
        "a\rb",
        "a\x00b",
    ]
)
FIRST = st.sampled_from(["%% spokesman linux_frr 1", "%% spokesman linux_frr 2", "%% spokesman linux_frr 1 "])


def ours(text: str) -> dict[str, str] | None:
    try:
        return {file.path: file.content for file in parse(text).files}
    except NotParsable:
        return None


def theirs(text: str) -> dict[str, str] | None:
    try:
        return dict(onboard.parse(text))
    except Refused:
        return None


@settings(max_examples=100)
@given(FIRST, st.lists(PIECES, max_size=8), st.integers(0, 4))
def test_of_sealed_texts(first: str, lines: list[str], count: int) -> None:
    text = sealed("".join(f"{line}\n" for line in (first, *lines)), count)
    assert ours(text) == theirs(text)


@given(st.lists(PIECES, max_size=6, unique=True).map(sorted))
def test_of_sealed_files(lines: list[str]) -> None:
    files = [line for line in lines if line.startswith("%% file ")]
    text = sealed("".join(f"{line}\n" for line in ("%% spokesman linux_frr 1", *files)), len(files))
    assert ours(text) == theirs(text)


@given(st.integers(0, len(HUB)), st.text(max_size=3))
def test_of_changed_documents(place: int, what: str) -> None:
    text = HUB[:place] + what + HUB[place:]
    assert ours(text) == theirs(text)


def test_of_whole_documents_and_what_both_write() -> None:
    for text in (HUB, HUB_RUNNING):
        files = ours(text)
        assert files is not None
        assert files == theirs(text)
        assert onboard.build(files) == write(parse(text)) == text
