"""Which configuration of each router is judged, what of a file is refused, and what stops a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.app.app import App
from agent.app.corrections import verdicts
from agent.app.plan_verdict import judge_plan, refuse_violations
from agent.app.verifying import INTENDED, from_file, judged
from agent.cli import application
from agent.errors import ConfigurationProblem, Refused
from agent.scaffold import create

LONDON, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"
#: Every tunnel of one VPN with another key: what runs fits together, and not with what is intended.
OTHER_KEY = ("tunnel key 10\n", "tunnel key 99\n")
Spokesman = Callable[..., Result]


@pytest.fixture
def app(tmp_path: Path) -> App:
    create(tmp_path / "workspace", "virtual")
    return App(tmp_path / "workspace", "tester")


@pytest.fixture
def spokesman(app: App, monkeypatch: pytest.MonkeyPatch) -> Spokesman:
    monkeypatch.setenv("SPOKESMAN_WORKSPACE", str(app.root))
    return lambda *arguments: CliRunner().invoke(application, arguments)


def text_of(app: App, router: str, *changes: tuple[str, str]) -> str:
    """What a router should run, changed."""
    text = app.rendered(app.inventory.router(router)).text
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def archive(app: App, router: str, *changes: tuple[str, str]) -> None:
    """What a router runs, as it was archived."""
    text = text_of(app, router, *changes)
    app.archive.take(router, lambda: text, author="tester", reason="test")


def test_what_runs_is_judged_and_what_should_run_where_nothing_is_archived(app: App, spokesman: Spokesman) -> None:
    archive(app, YORK, ("tunnel key 10\n", "tunnel key 12\n"))
    told = spokesman("verify")
    assert told.exit_code == 1
    assert "error [WV-6] tunnel-keys-agree: acme-yor-r1, acme-lee-r1" in told.stdout.replace(LONDON, LEEDS)
    assert "12, and there 10" in told.stdout
    assert "interface Tunnel10 > tunnel key 12" in told.stdout
    assert "interface Tunnel10 > tunnel key 10" in told.stdout
    number = text_of(app, YORK).split("\n").index(" tunnel key 10") + 1
    told_to = f"provision {YORK} (spokesman plan acme/york), or find out who changed the configuration of {YORK} "
    assert f"{told_to}at line {number}, which should read: tunnel key 10\n" in told.stdout
    assert "to change: the inventory asks for it rightly: " in told.stdout
    assert "Judged archived, version 1 of" in told.stdout
    assert f"Judged {INTENDED}: {LEEDS}, {LONDON}." in told.stdout
    document = json.loads(spokesman("verify", "york", "--json").stdout)
    sources = {one["router"]: one["source"].partition(",")[0] for one in document["routers"]}
    assert sources == {YORK: "archived", LEEDS: INTENDED, LONDON: INTENDED}
    found = next(one for one in document["findings"] if one["check"] == "tunnel-keys-agree")
    assert {line["text"] for line in found["lines"]} == {f"interface Tunnel10 > tunnel key {key}" for key in (10, 12)}
    assert spokesman("verify", "--intended").exit_code == 0


def test_a_file_is_judged_in_place_of_its_router(app: App, spokesman: Spokesman, tmp_path: Path) -> None:
    path = tmp_path / "leeds.cfg"
    secret = (app.root / "secrets" / "acme-vpn-psk").read_text().strip()
    assert secret in text_of(app, LEEDS)
    path.write_text(
        text_of(app, LEEDS, (secret, "Another-Word-Of-Ours"), ("\nsnmp ifmib", "\nno such line\nsnmp ifmib"))
    )
    told = spokesman("verify", "--file", str(path))
    assert told.exit_code == 1
    assert "keys-are-equal" in told.stdout
    assert "pre-shared-key <secret:" in told.stdout
    assert secret not in told.output
    assert "Another-Word-Of-Ours" not in told.output
    (unread,) = (line for line in told.stderr.splitlines() if "are not understood" in line)
    number = path.read_text().split("\n").index("no such line") + 1
    assert unread.endswith(f": {number}")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello\n", "no known platform"),
        (b"\xff\xfe\x00", "no text of UTF-8"),
        (
            b"hostname elsewhere\ninterface Loopback0\nend\n",
            "the router 'elsewhere', which the inventory does not hold",
        ),
        (b"hostname acme-lee-r1\nbanner login ^C\nnever ends\n", "it cannot be read"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_cannot_be_judged_is_refused(app: App, tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "x.cfg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=words) as refused:
        from_file(path, app.inventory)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    "written",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: f"{text}acme-lee-r1#".encode(),
        lambda text: f"{text}acme-lee-r1# \n".encode(),
        lambda text: text.replace("\n ip mtu", "\n --More-- \b\b\b\b   \b\b\b\b ip mtu").encode(),
    ],
    ids=[
        "byte order mark",
        "UTF-16",
        "CR LF",
        "CR CR LF",
        "CR",
        "a prompt",
        "a prompt and a line",
        "pages of a terminal",
    ],
)
def test_a_file_is_read_as_the_router_wrote_it(app: App, tmp_path: Path, written: Callable[[str], bytes]) -> None:
    text = text_of(app, LEEDS)
    path = tmp_path / "leeds.cfg"
    path.write_bytes(written(text))
    found = from_file(path, app.inventory)
    assert found.text == text
    assert not found.fault


def test_what_is_to_be_done_is_said_once(app: App, tmp_path: Path) -> None:
    path = tmp_path / "deep.cfg"
    path.write_text(text_of(app, LEEDS).removesuffix("end\n") + "".join(f"{' ' * depth}x\n" for depth in range(100)))
    with pytest.raises(Refused, match="cannot be read") as refused:
        from_file(path, app.inventory)
    assert str(refused.value).count("->") == 1


def test_that_everything_fits_is_said_of_what_was_read_whole(app: App, spokesman: Spokesman, tmp_path: Path) -> None:
    path = tmp_path / "leeds.cfg"
    path.write_text(text_of(app, LEEDS))
    assert "Everything fits" in spokesman("verify", "--file", str(path)).stdout
    path.write_text(f"{text_of(app, LEEDS)}router#show clock\n")
    told = spokesman("verify", "--file", str(path))
    assert "Everything fits" not in told.stdout
    assert "No violation found in what is understood" in told.stdout
    (unread,) = (line for line in told.stderr.splitlines() if "are not understood" in line)
    assert " of " not in unread.partition(" lines")[0].rpartition(": ")[2]


def test_that_nothing_was_judged_is_said(app: App, spokesman: Spokesman) -> None:
    for path in (app.root / "customers").iterdir():
        path.unlink()
    assert "Nothing was judged" in spokesman("verify").stdout


def test_two_files_of_one_router_are_refused_and_half_a_file_is_told(app: App, tmp_path: Path) -> None:
    paths = [tmp_path / "one.cfg", tmp_path / "two.cfg"]
    for path in paths:
        path.write_text(text_of(app, LEEDS).removesuffix("end\n"))
    with pytest.raises(Refused, match="two files are of acme-lee-r1"):
        judged(app, "", paths, intended=True)
    assert "does not end" in judged(app, "", paths[:1], intended=True).known[LEEDS].fault


def test_an_archived_configuration_that_cannot_be_used_is_unknown_and_said_so(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(app, YORK)
    monkeypatch.setattr("agent.app.verifying.recognised", lambda _: None)
    (finding,) = judged(app, "york", (), intended=False).findings(app.inventory)
    assert (finding.check, finding.severity.value, finding.routers) == ("configuration-unknown", "warning", (YORK,))
    assert "no known platform" in finding.message


def test_what_is_wrong_elsewhere_is_shown_and_does_not_stop_a_plan(app: App) -> None:
    for router in (LONDON, LEEDS):
        archive(app, router)
    archive(app, YORK, ("tunnel key 10\n", "tunnel key 12\n"))
    judgement = judge_plan(app, app.inventory.site("leeds"))
    assert judgement.refused == ()
    assert "tunnel-keys-agree" in {one.check for one in judgement.shown}
    assert judge_plan(app, app.inventory.site("york")).refused == ()
    assert judge_plan(app, app.inventory.site("york")).shown == ()


def test_a_plan_that_would_part_what_runs_is_refused_unless_it_is_let_pass(app: App) -> None:
    for router in (LONDON, LEEDS, YORK):
        archive(app, router, OTHER_KEY)
    view = app.inventory.site("york")
    with pytest.raises(Refused) as refused:
        refuse_violations(app, view)
    assert "tunnel key is not that of" in str(refused.value)
    assert "--despite tunnel-keys-agree lets it pass" in str(refused.value)
    shown = refuse_violations(app, view, frozenset({"tunnel-keys-agree"}))
    assert "tunnel-keys-agree" in {one.check for one in shown}


def test_what_is_wrong_among_what_is_intended_never_passes(app: App) -> None:
    template = resources.files("device_templates.cisco_iosxe").joinpath("templates/snmp.j2").read_text()
    own = app.paths.overrides / "cisco_iosxe" / "snmp.j2"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(template.replace("read FLEET access", "read FLEET write FLEET access"))
    with pytest.raises(Refused, match="is not read-only") as refused:
        refuse_violations(app, app.inventory.site("york"), frozenset({"snmp-reads-only"}))
    assert "--despite" not in str(refused.value)


def test_a_file_that_alone_is_wrong_is_to_be_corrected_and_not_the_inventory(
    app: App, spokesman: Spokesman, tmp_path: Path
) -> None:
    path = tmp_path / "leeds.cfg"
    path.write_text(text_of(app, LEEDS, OTHER_KEY))
    number = path.read_text().split("\n").index(" tunnel key 99") + 1
    told = spokesman("verify", "--file", str(path), "--json")
    (found,) = [one for one in json.loads(told.stdout)["findings"] if one["check"] == "tunnel-keys-agree"]
    assert found["option"] == ""
    assert found["remedy"].startswith(f"the inventory asks for it rightly: provision {LEEDS}, or correct ")
    assert found["remedy"].endswith(f"leeds.cfg at line {number}, which should read: tunnel key 10")


def test_what_a_file_lacks_is_named_without_its_secrets(app: App, spokesman: Spokesman, tmp_path: Path) -> None:
    path = tmp_path / "leeds.cfg"
    path.write_text(text_of(app, LEEDS, (" ip nhrp shortcut\n", "")))
    told = spokesman("verify", "--file", str(path)).stdout
    assert ", under which is missing: ip nhrp shortcut" in told
    secret = (app.root / "secrets" / "acme-vpn-psk").read_text().strip()
    path.write_text(text_of(app, LEEDS, (secret, "Another-Word-Of-Ours")))
    told = spokesman("verify", "--file", str(path)).stdout
    assert "which should read: pre-shared-key <secret:" in told
    assert secret not in told


def test_what_the_inventory_asks_for_wrongly_is_to_be_changed_there(app: App) -> None:
    template = resources.files("device_templates.cisco_iosxe").joinpath("templates/snmp.j2").read_text()
    own = app.paths.overrides / "cisco_iosxe" / "snmp.j2"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(template.replace("read FLEET access", "read FLEET write FLEET access"))
    archive(app, LEEDS)
    found = [one for one in verdicts(app, judged(app, "", [], intended=False)) if LEEDS in one.routers]
    assert "snmp-reads-only" in {one.check for one in found}
    assert not [one for one in found if "the inventory asks for it rightly" in one.remedy]


def test_a_file_that_is_right_is_not_blamed_for_what_runs_elsewhere(app: App, tmp_path: Path) -> None:
    archive(app, LONDON, OTHER_KEY)
    path = tmp_path / "leeds.cfg"
    path.write_text(text_of(app, LEEDS))
    found = [one for one in verdicts(app, judged(app, "", [path], intended=False)) if LEEDS in one.routers]
    remedies = {one.remedy for one in found if one.check == "tunnel-keys-agree"}
    assert remedies
    assert all(f"provision {LONDON} (spokesman plan acme/london)" in one and "leeds.cfg" not in one for one in remedies)


def test_of_more_routers_than_are_compared_it_is_said(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    archive(app, YORK, ("tunnel key 10\n", "tunnel key 12\n"))
    monkeypatch.setattr("agent.app.corrections.MOST_COMPARED", 1)
    archive(app, LONDON, ("tunnel key 10\n", "tunnel key 13\n"))
    found = [one for one in verdicts(app, judged(app, "", [], intended=False)) if one.check == "tunnel-keys-agree"]
    assert any("not compared with what is intended, which is done for 1 routers" in one.remedy for one in found)


def test_a_plan_that_drift_elsewhere_stops_says_where_the_drift_is(app: App) -> None:
    archive(app, LEEDS, ("tunnel key 10\n", "tunnel key 12\n"))
    with pytest.raises(Refused) as refused:
        refuse_violations(app, app.inventory.site("london"))
    assert f"provision {LEEDS} (spokesman plan acme/leeds), or find out who changed" in refused.value.message
    assert "correct the inventory" not in refused.value.message


@pytest.mark.parametrize(("between", "line"), [("", 1), ("\nrouter#show running-config\n", 2), ("!\n!\n", 3)])
def test_two_configurations_in_one_file_are_refused(app: App, tmp_path: Path, between: str, line: int) -> None:
    path, first = tmp_path / "both.cfg", text_of(app, LEEDS)
    path.write_text(f"{first}{between}{text_of(app, LONDON)}")
    with pytest.raises(Refused) as refused:
        from_file(path, app.inventory)
    second = first.count("\n") + line
    assert f"the second begins at line {second}" in refused.value.message


def test_all_secrets_that_are_lacking_are_told_at_once(app: App) -> None:
    for path in (app.root / "secrets").iterdir():
        path.unlink()
    with pytest.raises(ConfigurationProblem) as refused:
        judged(app, "", [], intended=True)
    assert "secrets cannot be had: " in refused.value.message
    assert refused.value.message.count("file:secrets/") > 3


def test_a_file_of_another_platform_is_refused_in_one_sentence(app: App, tmp_path: Path) -> None:
    path = tmp_path / "leeds.cfg"
    path.write_text("version 15.9\n" + text_of(app, LEEDS).replace("\nversion 17.", "\nversion 15."))
    words = "it is a configuration of cisco_ios, and the inventory has acme-lee-r1 as cisco_iosxe"
    with pytest.raises(Refused, match=words):
        from_file(path, app.inventory)


def test_a_blank_behind_the_last_line_cuts_nothing(app: App, tmp_path: Path) -> None:
    path = tmp_path / "leeds.cfg"
    path.write_text(text_of(app, LEEDS).removesuffix("end\n") + "end \n")
    found = from_file(path, app.inventory)
    assert (found.fault, found.model.unread) == ("", ())


def test_that_a_file_is_cut_is_said_first(app: App, spokesman: Spokesman, tmp_path: Path) -> None:
    path = tmp_path / "leeds.cfg"
    text = text_of(app, LEEDS)
    path.write_text(text[: text.index("\ninterface Tunnel10")])
    told = spokesman("verify", "--file", str(path))
    assert told.output.index("is not whole") < told.output.index("error [")
    assert told.output.count("is not whole") == 1


def test_what_another_master_key_sealed_needs_that_key(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    archive(app, LEEDS)
    monkeypatch.setattr(app.archive.cipher, "key_id", "another")
    findings = judged(app, "", [], intended=False).findings(app.inventory)
    (found,) = [one for one in findings if one.check == "configuration-unknown"]
    assert found.routers == (LEEDS,)
    assert found.remedy == "let store.master_key in spokesman.toml name the former key"


def test_only_checks_are_let_pass(app: App) -> None:
    with pytest.raises(Refused, match="no check is named nonsense"):
        refuse_violations(app, app.inventory.site("york"), frozenset({"nonsense"}))
    with pytest.raises(Refused, match="no check is named tunnel-key-agree") as refused:
        refuse_violations(app, app.inventory.site("york"), frozenset({"tunnel-key-agree"}))
    assert refused.value.remedy == "is it tunnel-keys-agree?"
