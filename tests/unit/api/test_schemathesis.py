"""A sample of what schemathesis tries, soak a larger one; `tests.bench.fuzz_api` has it try everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.tokens import Role
from tests.unit.api.filled import filled
from tests.unit.api.process import fuzz, running

#: The phases that find most in little time; coverage of every keyword takes minutes.
SAMPLE = ("--phases", "examples,fuzzing,stateful", "--max-examples")


@pytest.mark.parametrize("examples", ["1", pytest.param("4", marks=pytest.mark.soak)])
@pytest.mark.parametrize(
    ("role", "customer"), [(Role.ENGINEER, ""), pytest.param(Role.CUSTOMER, "acme", marks=pytest.mark.soak)]
)
def test_schemathesis_finds_nothing(role: Role, customer: str, examples: str, tmp_path: Path) -> None:
    workspace = filled(tmp_path / "workspace")
    token = workspace.token(role, customer)
    with running(workspace.root) as server:
        verdict = fuzz(server, token, tmp_path / "report", *SAMPLE, examples)
        assert verdict.good, verdict.text
        assert verdict.cases > 50, verdict.text
        assert " error " not in server.log.read_text()
        assert token not in server.log.read_text()
