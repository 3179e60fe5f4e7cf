"""All that is broken in one lab, kept in its directory, so that it is still broken when the lab goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from agent.lab.errors import LabStateError
from agent.lab.faults.kinds import Break, Fault


class Breakage:
    """At most one fault of a kind a router; a later one of the same kind takes the place of the earlier."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._of: dict[str, dict[Break, Fault]] = _read(path) if path and path.exists() else {}

    def of(self, router: str) -> tuple[Fault, ...]:
        """The faults of one router, by name."""
        return tuple(fault for _, fault in sorted(self._of.get(router, {}).items()))

    def find(self, router: str, kind: Break) -> Fault | None:
        """One fault of a router, or None."""
        return self._of.get(router, {}).get(kind)

    def value(self, router: str, kind: Break) -> float:
        """How much of a fault a router has, 0 where it has none."""
        found = self.find(router, kind)
        return found.value or 0.0 if found else 0.0

    def having(self, kind: Break) -> tuple[str, ...]:
        """The routers that have a fault of a kind."""
        return tuple(router for router, faults in self._of.items() if kind in faults)

    def add(self, router: str, fault: Fault) -> None:
        """Something broke."""
        self._of.setdefault(router, {})[fault.kind] = fault
        self._keep()

    def drop(self, router: str, kinds: Iterable[Break]) -> tuple[Fault, ...]:
        """These faults of a router are no more; those that there were."""
        faults = self._of.get(router, {})
        gone = tuple(faults.pop(kind) for kind in sorted(kinds) if kind in faults)
        if gone:
            self._keep()
        return gone

    def _keep(self) -> None:
        if self._path is None:
            return
        rows = {router: [asdict(fault) for fault in faults.values()] for router, faults in self._of.items() if faults}
        new = self._path.with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(rows, file)
        new.replace(self._path)


def _read(path: Path) -> dict[str, dict[Break, Fault]]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found: dict[str, dict[Break, Fault]] = {}
        for router, rows in kept.items():
            for row in rows:
                kind, undo, done = Break(row.pop("kind")), tuple(row.pop("undo")), tuple(row.pop("done"))
                found.setdefault(router, {})[kind] = Fault(kind=kind, undo=undo, done=done, **row)
        return found
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise LabStateError(f"{path}: not a lab's list of faults; remove it to start anew") from problem
