"""What of a file with errors of form is right enough for the rules, so that their errors come in the same report."""

from __future__ import annotations

import copy
from typing import Any

from inventory.loading.words import Sentence
from inventory.loading.yaml_source import Map
from inventory.rules.base import Path

#: Parts that can be left out alone, because no rule misses them; ``*`` is any name, and what is below goes as well.
_PARTS = (
    ("contacts",),
    ("calendar",),
    ("vpns", "*", "summary"),
    ("vpns", "*", "nhrp_authentication"),
    ("vpns", "*", "bgp_password"),
    ("sites", "*", "active_windows"),
    *(("sites", "*", "access", key) for key in ("supplier", "media", "connector", "installed", "required_kbps")),
    ("sites", "*", "access", "download_limit_gb"),
    ("sites", "*", "router", "serial"),
    ("sites", "*", "router", "backup_at"),
    ("sites", "*", "router", "management", "port"),
    ("sites", "*", "router", "snmp", "port"),
    ("sites", "*", "options", "*"),
    ("lync", "pools", "*", "ntp"),
    ("lync", "pools", "*", "features", "*"),
    ("lync", "servers", "*", "snmp"),
    ("lync", "servers", "*", "support"),
)
#: Records that are left out as a whole when something else in them is wrong.
_RECORDS = (("vpns", "*"), ("sites", "*"), ("lync", "pools", "*"), ("lync", "servers", "*"))


class Salvage:
    """The rest of a file's data.

    ``broken`` are the records left out, ``silent`` the fields that rules need not complain of any more: those told of,
    those that a mistyped key was meant for, and those left out.
    """

    def __init__(self, data: Map, told: tuple[Sentence, ...]) -> None:
        self.data = copy.deepcopy(data)
        self.broken: set[Path] = set()
        self.silent: frozenset[Path] = frozenset()
        silent = {sentence.path for sentence in told}
        for sentence in told:
            if sentence.suggested:
                silent.add((*sentence.path[:-1], sentence.suggested))
            silent.update(self._leave_out(sentence))
        for path in self.broken:
            _drop(self.data, path)
        self.silent = frozenset(silent)

    def _leave_out(self, sentence: Sentence) -> set[Path]:
        """Drops what the sentence is about; the fields that rules then need not miss."""
        if sentence.unknown:
            _drop(self.data, sentence.path)
        elif part := _beginning(sentence.path, _PARTS):
            _drop(self.data, part)
            # Whether the enhanced level is used cannot be told without all of its options.
            return {part, (*part[:2], "service_management")}
        elif record := _beginning(sentence.path, _RECORDS):
            self.broken.add(record)
        return set()


def _beginning(path: Path, shapes: tuple[tuple[str, ...], ...]) -> Path | None:
    """The beginning of ``path`` that has one of the shapes."""
    for shape in shapes:
        if len(path) >= len(shape) and all(want in ("*", got) for want, got in zip(shape, path, strict=False)):
            return path[: len(shape)]
    return None


def _drop(data: Any, path: Path) -> None:
    for part in path[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError):
            return  # a record above it was dropped already
    data.pop(path[-1], None)
