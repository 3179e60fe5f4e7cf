"""Loads a workspace: reads every file, checks form and rules, and reports all that is wrong at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from inventory.errors import InventoryError, Problem, Severity
from inventory.intent import ENDING
from inventory.loading.collector import without_collector
from inventory.loading.files import Source, Unreadable, customer_files, read, settings_source
from inventory.loading.records import CustomerFile, SettingsFile, read_customer, read_settings
from inventory.loading.report import Report
from inventory.rules import RULES
from inventory.rules.base import Ground
from inventory.settings import Settings
from inventory.workspace import Inventory


@without_collector()
def load_workspace(root: Path, proposed: Mapping[str, str] | None = None) -> Inventory:
    """The inventory of the workspace at ``root``; raises InventoryError with every problem of every file.

    ``proposed`` are texts by file name that are read in place of what is on the disk: what would be, were they written.
    """
    proposed = proposed or {}
    names, problems = customer_files(root)
    sources, unreadable = _read_all(root, sorted({*names, *proposed}), proposed)
    settings, settings_problems = _settings(root)
    requests = {source.name: source for source in sources if source.name.endswith(ENDING)}
    own = [source for source in sources if source.name not in requests]
    pairs = [(one, requests.get(one.name.removesuffix(".yaml") + ENDING)) for one in own]
    customers = [read_customer(*pair) for pair in pairs]
    problems = (*problems, *_ownerless(requests, names))
    files: list[SettingsFile | CustomerFile] = [*customers, *([settings] if settings else [])]
    found = [*problems, *unreadable, *settings_problems]
    found += [problem for file in files for problem in file.problems]
    found += _judge(settings, customers)
    errors = any(problem.severity is Severity.ERROR for problem in found)
    if errors or settings is None or settings.settings is None:
        raise InventoryError(tuple(found))
    records = {file.customer.customer: file.customer for file in customers if file.customer}
    digest = _digest([settings.source, *sources])
    digests = {
        file.customer.customer: _digest([settings.source, *filter(None, pair)])
        for pair, file in zip(pairs, customers, strict=True)
        if file.customer
    }
    return Inventory(root, settings.settings, records, digest, tuple(sorted(found)), digests)


def _ownerless(requests: Iterable[str], names: Iterable[str]) -> Iterator[Problem]:
    """Requests for a customer that is not there."""
    for name in requests:
        if (owner := name.removesuffix(ENDING) + ".yaml") not in names:
            yield Problem(
                name, 0, "", f"there is no {owner} that it changes", remedy="restore that file, or remove this one"
            )


def load_settings(root: Path) -> Settings:
    """spokesman.toml alone, for what must go on while a customer's file is wrong; raises InventoryError."""
    settings, unreadable = _settings(root)
    problems = settings.problems if settings else unreadable
    if settings is None or settings.settings is None:
        raise InventoryError(tuple(problems))
    return settings.settings


def _read_all(root: Path, names: Iterable[str], proposed: Mapping[str, str]) -> tuple[list[Source], list[Problem]]:
    sources, problems = [], []
    for name in names:
        try:
            text = proposed.get(name)
            sources.append(read(root, name) if text is None else Source(name, text.encode(), text))
        except Unreadable as unreadable:
            problems.append(unreadable.problem)
    return sources, problems


def _settings(root: Path) -> tuple[SettingsFile | None, tuple[Problem, ...]]:
    try:
        return read_settings(settings_source(root)), ()
    except Unreadable as unreadable:
        return None, (unreadable.problem,)


def _judge(settings: SettingsFile | None, files: list[CustomerFile]) -> list[Problem]:
    """What the rules find in the records that are valid in form."""
    ground = Ground(
        settings.settings if settings else None,
        tuple(file.customer for file in files if file.customer),
        frozenset(place for file in files for place in file.broken),
    )
    report = Report(settings, files)
    return [
        problem
        for rule in RULES
        for finding in rule.run(ground)
        if (problem := report.problem(finding, rule.identifier)) is not None
    ]


def _digest(sources: Iterable[Source]) -> str:
    """SHA-256 over names, lengths and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for source in sorted(sources, key=lambda one: one.name):
        digest.update(f"{source.name}\0{len(source.content)}\0".encode())
        digest.update(source.content)
    return digest.hexdigest()
