"""Fixtures for the tests of probes of services."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.tls.probing import Trust, trust
from tests.unit.services.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


@pytest.fixture
def checks(authority: Authority) -> Trust:
    """Trust in the test's own authority alone."""
    return trust(authority.pem)
