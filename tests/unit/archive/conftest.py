"""An archive over a real database, with a platform small enough to be seen through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.archive import Archive, Cipher, Platform, Recognised, new_master_key
from agent.store.archive import ArchiveStore
from agent.store.audit import AuditStore
from agent.store.base import open_store
from inventory import Secret
from tests.tables import create_all


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/history.db")
    create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def master_key() -> Secret:
    return Secret(new_master_key())


class SmallPlatform:
    """A platform whose configurations end with ``end``; ``mark`` begins a text of it."""

    def __init__(self, name: str = "small", mark: str = "") -> None:
        self.name, self.mark = name, mark

    def is_complete(self, text: str) -> str | None:
        return None if text.endswith("end\n") else "its last line, end, is missing"

    def restorable(self, text: str) -> str:
        return text.replace("^C", "\x03")

    def lasting(self, text: str) -> str:
        return "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("!"))

    def redact(self, text: str, known_secrets: Iterable[str], mark: Callable[[str], str]) -> str:
        for value in known_secrets:
            text = text.replace(value, f"<{mark(value)}>")
        return re.sub(r"pre-shared-key (\S+)", lambda m: f"pre-shared-key <{mark(m[1])}>", text)

    def hostname(self, text: str) -> str:
        found = re.search(r"^hostname (\S+)$", text, re.MULTILINE)
        return found[1] if found else ""

    def has_vpn(self, text: str) -> bool:
        return " tunnel mode gre multipoint" in text.splitlines()


@pytest.fixture
def recognised() -> Recognised:
    """Texts that begin with ``%%`` are of another platform, those that begin with ``??`` of none."""
    small, other = SmallPlatform(), SmallPlatform("other")

    def recognise(text: str) -> Platform | None:
        return None if text.startswith("??") else other if text.startswith("%%") else small

    return recognise


@pytest.fixture
def archive(engine: Engine, master_key: Secret, recognised: Recognised) -> Archive:
    moments = (datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=n) for n in range(100_000))
    return Archive(
        versions=ArchiveStore(engine),
        cipher=Cipher(master_key),
        recognised=recognised,
        audit=AuditStore(engine),
        clock=lambda: next(moments),
        privileged=frozenset({"olga"}),
    )
