"""The program as one file, its reading of documents and lists of logins: what needs no machine."""

from __future__ import annotations

import ast
import json
import selectors
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

import device_templates.linux_frr.onboard as onboard
from device_templates.errors import NotParsable
from device_templates.linux_frr.onboard import onboard_program
from device_templates.linux_frr.onboard.router import places
from device_templates.linux_frr.onboard.router.change import document
from device_templates.linux_frr.onboard.router.change.parts import parts, vpn_of
from device_templates.linux_frr.onboard.router.errors import Refused, Rejected
from device_templates.linux_frr.onboard.router.log import guarded, note
from device_templates.linux_frr.onboard.router.main import is_hook
from device_templates.linux_frr.onboard.router.network.lease import read_lease
from device_templates.linux_frr.onboard.router.services.users import merged, read_users
from device_templates.linux_frr.onboard.router.system import uptime
from device_templates.linux_frr.onboard.router.wire import server
from device_templates.linux_frr.onboard.router.wire.workers import Outcome, Workers, attempt
from device_templates.linux_frr.reading import document as reading

SOURCES = sorted((Path(onboard.__file__).parent / "router").rglob("*.py"))
PATHS = (
    "etc/spokesman/network.toml",
    "etc/frr/corporate/frr.conf",
    "etc/frr/cctv/frr.conf",
    "etc/swanctl/swanctl.conf",
    "etc/swanctl/x509ca/acme-ca.pem",
    "etc/nftables/front-door.nft",
    "etc/nftables/corporate.nft",
    "etc/snmp/snmpd.conf",
    "etc/snmp/corporate/snmpd.conf",
    "etc/ssh/sshd_config",
    "etc/chrony/chrony.conf",
    "etc/chrony/chrony.keys",
    "etc/issue.net",
    "etc/keepalived/corporate.conf",
    "etc/rsyslog.conf",
    "etc/spokesman/users",
    "etc/spokesman/qos.tc",
)
CONTENTS = some.text(some.sampled_from("%% \nab\t{}é"), max_size=40)


def test_the_same_sources_give_the_same_file(tmp_path: Path) -> None:
    assert onboard_program() == onboard_program()
    program = tmp_path / "spokesman-router"
    program.write_bytes(onboard_program())
    program.chmod(0o755)
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage: spokesman-router" in done.stderr


def test_it_uses_nothing_but_the_standard_library() -> None:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                assert name.partition(".")[0] in sys.stdlib_module_names, f"{source.name}: {name}"


def test_the_relay_starts_without_the_rest(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(onboard_program())
    names = "spokesman_router.main, spokesman_router.relay"
    script = f"import sys; sys.path.insert(0, {str(program)!r}); import {names}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-SEc", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"json", "subprocess", "ctypes", "spokesman_router.system"} & set(loaded)


@given(some.dictionaries(some.sampled_from(PATHS), CONTENTS))
def test_both_sides_write_and_read_the_same_documents(files: dict[str, str]) -> None:
    whole = document.build(files)
    assert whole == reading.write(reading.Document(tuple(reading.File(*one) for one in files.items())))
    there = {path: text + "\n" * (text[-1:] not in ("", "\n")) for path, text in files.items()}
    assert document.parse(whole) == there
    assert {one.path: one.content for one in reading.parse(whole).files} == there


@given(some.dictionaries(some.sampled_from(PATHS), CONTENTS, min_size=1), some.data())
def test_both_sides_refuse_the_same_texts(files: dict[str, str], data: some.DataObject) -> None:
    text = document.build(files)
    at = data.draw(some.integers(0, len(text) - 1))
    broken = text[:at] + data.draw(some.sampled_from(("", "%", "\n", "x", "\r", "\0", "\ud800"))) + text[at + 1 :]
    if broken == text:
        return
    with pytest.raises(Refused):
        document.parse(broken)
    with pytest.raises(NotParsable):
        reading.parse(broken)


@pytest.mark.parametrize(
    "path",
    [
        "etc/passwd",
        "etc/frr/../passwd/frr.conf",
        "/etc/ssh/sshd_config",
        "etc/frr/Corporate/frr.conf",
        "etc/swanctl/private/../../x.pem",
        "etc/ssh/sshd_config ",
        "etc/nftables/.nft",
    ],
)
def test_no_other_file_can_be_named(path: str) -> None:
    for text in (document.build({path: "x\n"}),):
        with pytest.raises(Refused, match="is no file of this platform"):
            document.parse(text)
        with pytest.raises(NotParsable):
            reading.parse(text)


def test_the_parts_stand_in_the_order_in_which_they_need_each_other() -> None:
    keys = [part.key for part in parts(dict.fromkeys(PATHS, "x\n"))]
    assert keys[0] == "etc/spokesman/network.toml"
    ways = ("etc/nftables/corporate.nft", "etc/swanctl/", "etc/frr/cctv/frr.conf", "etc/chrony/")
    order = [keys.index(key) for key in ways]
    assert order == sorted(order)
    assert {vpn_of(path) for path in PATHS} == {"", "corporate", "cctv"}


PASSWD = "root:x:0:0:root:/root:/bin/bash\nold:x:3000:3001:spokesman:/var/lib/spokesman/home:/bin/sh\n"
SHADOW = "root:*:19000:0:99999:7:::\nold:$2b$10$former:19000:0:99999:7:::\n"
GROUP = "root:x:0:\nspokesman:x:3001:old\n"
HASH = "$2b$10$" + "a" * 53


def test_logins_come_and_go_and_the_systems_own_stay() -> None:
    passwd, shadow, group = merged({"new": HASH}, PASSWD, SHADOW, GROUP)
    assert passwd.splitlines() == [PASSWD.splitlines()[0], "new:x:3001:3001:spokesman:/var/lib/spokesman/home:/bin/sh"]
    assert shadow.splitlines() == [SHADOW.splitlines()[0], f"new:{HASH}:19000:0:99999:7:::"]
    assert group.splitlines()[1] == "spokesman:x:3001:new"
    assert merged({"new": HASH}, passwd, shadow, group) == (passwd, shadow, group)
    with pytest.raises(Rejected, match="'root' is a login of the system"):
        merged({"root": HASH}, PASSWD, SHADOW, GROUP)


@pytest.mark.parametrize("line", ["x", "x:y", "x:", f"x:{HASH}:0", f"a b:{HASH}", f"x:{HASH}\x0b", f"-x:{HASH}"])
def test_a_line_that_is_no_login_is_rejected(line: str) -> None:
    with pytest.raises(Rejected, match="line 2"):
        read_users(f"# logins\n{line}\n")


@pytest.mark.parametrize(
    "words",
    [
        {"reason": "BOUND", "interface": "eth0", "new_ip_address": "192.0.2.7", "new_subnet_mask": "255.255.255.0",
         "new_routers": "192.0.2.1 192.0.2.2"},
        {"interface": "eth0", "ip": "192.0.2.7", "subnet": "255.255.255.0", "router": "192.0.2.1"},
    ],
)  # fmt: skip
def test_both_dhcp_clients_are_understood(words: dict[str, str]) -> None:
    assert is_hook([] if "reason" in words else ["bound"], words)
    assert read_lease(words) == {"address": "192.0.2.7/24", "gateway": "192.0.2.1"}
    assert read_lease({**words, "new_ip_address": "x", "ip": "x"}) == {}


def test_a_machine_without_a_process_to_spare_is_told_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("os.fork", none)
    told: list[Outcome] = []
    with selectors.DefaultSelector() as selector:
        assert Workers(selector).start("running", dict, told.append, limit_s=1) == 0
    words = "the router has no process for running: Resource temporarily unavailable"
    assert told == [{"ok": False, "kind": "failed", "message": words}]


def test_a_fault_is_noted_without_what_it_was_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "LOG", tmp_path / "log")
    guarded("reading a secret", int, "topsecret")
    note("ren\udce9")
    first, second = (tmp_path / "log").read_text().splitlines()
    assert "a fault in reading a secret: ValueError" in first
    assert "topsecret" not in first
    assert second.endswith("ren?")


def test_an_answer_nested_without_end_gets_words() -> None:
    answer = attempt(lambda: json.loads("[" * 100_000))
    assert answer == {
        "ok": False,
        "kind": "failed",
        "message": "what a program of this router answers is nested without end",
    }


def test_a_client_that_asks_nothing_for_long_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SOCKET", tmp_path / "control")
    with selectors.DefaultSelector() as selector, socket.socket(socket.AF_UNIX) as client:
        served = server.Server(selector, lambda *_: None)
        client.connect(str(tmp_path / "control"))
        client.settimeout(5)
        for key, _ in selector.select(5):
            key.data(key.fd)
        served.drop_slow()
        later = uptime() + server.IDLE_S + 1
        assert len(selector.get_map()) == 2
        monkeypatch.setattr(server, "uptime", lambda: later)
        served.drop_slow()
        assert client.recv(1) == b""
