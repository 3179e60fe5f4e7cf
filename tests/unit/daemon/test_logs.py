"""The log: one line a record, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.daemon import log_to


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
