"""An archive over a real database, with a platform small enough to be seen through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.archive import Archive, Cipher, Platform, new_master_key
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


@pytest.fixture
def platform() -> Platform:
    def redact(text: str, fingerprint: Callable[[str], str]) -> str:
        return re.sub(r"pre-shared-key (\S+)", lambda m: f"pre-shared-key <{fingerprint(m[1])}>", text)

    return Platform(
        faults=lambda text: () if text.endswith("end\n") else ("its last line, end, is missing",),
        restorable=lambda text: text.replace("^C", "\x03"),
        lasting=lambda text: "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("!")),
        redact=redact,
    )


@pytest.fixture
def archive(engine: Engine, master_key: Secret, platform: Platform) -> Archive:
    moments = (datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=n) for n in range(100_000))
    return Archive(
        versions=ArchiveStore(engine),
        cipher=Cipher(master_key),
        platform=platform,
        audit=AuditStore(engine),
        clock=lambda: next(moments),
        privileged=frozenset({"olga"}),
    )
