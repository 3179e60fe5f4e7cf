"""schemathesis at length against the API, for each role: ``python -m tests.bench.fuzz_api [EXAMPLES] [ROLE ...]``.

Every phase (examples, coverage, fuzzing, stateful), all checks; the end of each report is printed. Exits 1 where it
found something.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from agent.tokens import Role
from tests.unit.api.filled import filled
from tests.unit.api.process import fuzz, running

EXAMPLES = "50"


def main(arguments: list[str]) -> int:
    """Run for each role in turn."""
    examples = arguments[0] if arguments else EXAMPLES
    good = True
    for role in [Role(name) for name in arguments[1:]] or list(Role):
        with tempfile.TemporaryDirectory() as folder:
            workspace = filled(Path(folder) / "workspace")
            token = workspace.token(role, *(("acme",) if role is Role.CUSTOMER else ()))
            with running(workspace.root) as server:
                verdict = fuzz(
                    server, token, Path(folder) / "report", "--max-examples", examples, "--no-shrink",
                    "--continue-on-failure",
                )  # fmt: skip
            faults = [line for line in server.log.read_text().splitlines() if " error " in line]
        good = good and verdict.good and not faults
        print(f"== {role}: {'nothing found' if verdict.good else 'FOUND'} in {verdict.cases} cases")
        print("\n".join([*verdict.text.splitlines()[-200 if not verdict.good else -30 :], *faults]), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
