"""A command starts with what it uses: heavy modules that only others need stay away, told by real processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import COMMANDS, command
from agent.scaffold import create

#: What only some commands have a use for: device drivers, templates, collectors, and libraries behind one path.
DRIVERS = {"napalm", "netmiko", "paramiko"}
RARE = {"alembic", "keyring", "fastapi", "uvicorn", "apscheduler", "prometheus_client", "httpx", "pypsrp", "pysnmp"}
CALENDARS, TEMPLATES, PROBES = {"holidays"}, {"jinja2", "device_templates"}, {"collectors", "agent.faults.diagnostics"}
#: What the inventory is read with.
READING = {"inventory.loader", "yaml"}
CHANGES = {"agent.provisioning.transaction", "agent.verification.verify"}
KNOWN = DRIVERS | RARE | CALENDARS | TEMPLATES | PROBES | CHANGES


def imported(*arguments: str, workspace: Path) -> set[str]:
    """Every module that a process of the command imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "agent.cli", *arguments],
        env={**os.environ, "SPOKESMAN_WORKSPACE": str(workspace)}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, with its store: only a new store needs Alembic."""
    root = tmp_path_factory.mktemp("start") / "workspace"
    create(root, "virtual")
    assert "alembic" in imported("status", workspace=root)
    return root


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (("--help",), KNOWN | {"pydantic", "sqlalchemy", "inventory"}),
        (("inventory", "check"), KNOWN | {"sqlalchemy"}),
        (("status",), KNOWN | READING),
        (("alarms",), KNOWN | READING),
        (("incident", "list"), KNOWN),
        (("incident", "list", "--json"), KNOWN | {"rich"}),
        (("archive", "list"), KNOWN),
        (("token", "list"), KNOWN),
        (("request", "list"), DRIVERS | RARE | CALENDARS | PROBES | {"jinja2"}),
        (("verify",), KNOWN - TEMPLATES - CHANGES | {"agent.provisioning.transaction"}),
    ],
)
def test_a_command_imports_nothing_that_only_others_need(
    workspace: Path, arguments: tuple[str, ...], absent: set[str]
) -> None:
    assert imported(*arguments, workspace=workspace) & absent == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_in_its_own_words(name: str) -> None:
    assert command(name).help == COMMANDS[name][1]
