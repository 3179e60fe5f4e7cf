"""The log: one line a record, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.daemon import log_to, logs


@pytest.fixture(autouse=True)
def restore_logging() -> Iterator[None]:
    """The process's log as it was."""
    root = logging.getLogger()
    names = ("agent", "apscheduler", "netmiko", "paramiko")
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:], root.level = handlers, level
    for name, former in levels.items():
        logging.getLogger(name).setLevel(former)


@pytest.mark.parametrize("as_json", [False, True])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text())
def test_a_hostile_message_stays_one_line(as_json: bool, text: str) -> None:
    stream = io.StringIO()
    log_to(stream, as_json=as_json)
    logging.getLogger("agent.monitoring").error("the poll failed: %s", f"a{text}\n2026-01-01 info agent: all is well")
    written = stream.getvalue()
    assert written.endswith("\n")
    assert len(written.splitlines()) == 1
    if as_json:
        assert json.loads(written)["message"].startswith(f"the poll failed: a{text}")


def test_an_exception_is_named_without_its_traceback() -> None:
    stream = io.StringIO()
    log_to(stream)
    try:
        int("no such row")
    except ValueError:
        logging.getLogger("agent").exception("reading failed")
    (line,) = stream.getvalue().splitlines()
    assert "reading failed: ValueError: invalid literal" in line


def test_libraries_that_log_the_line_are_silenced() -> None:
    stream = io.StringIO()
    log_to(stream, level=logging.DEBUG)
    logging.getLogger("netmiko").debug("write_channel: secret")
    logging.getLogger("paramiko.transport").info("password secret")
    assert stream.getvalue() == ""


def test_the_same_line_comes_seldom_and_says_how_often_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, now = io.StringIO(), [5.0]
    log_to(stream)
    (handler,) = logging.getLogger().handlers
    handler.filters[:] = [logs.Seldom(lambda: now[0])]
    log = logging.getLogger("agent.store")
    for _ in range(60):
        log.error("the history is damaged: %s", "row 7")
        log.error("the history is damaged: %s", "row 8")
        log.info("a cycle is over")
        now[0] += 11
    texts = [line.split(": ", 1)[1] for line in stream.getvalue().splitlines()]
    assert texts.count("a cycle is over") == 60
    assert [text for text in texts if "row 7" in text] == [
        "the history is damaged: row 7",
        "the history is damaged: row 7 (and 54 times since it was last shown)",
    ]
    monkeypatch.setattr(logs, "MOST_REMEMBERED", 3)
    for number in range(9):
        log.error("router %d", number)
    assert len(handler.filters[0]._said) <= 4  # type: ignore[union-attr]
