"""Draws mutants at random and asks verification about each, in the whole customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from agent.verification import Finding, verify
from device_templates import platform_of
from device_templates.model import RouterModel
from tests.mutation.mutant import Fault, Mutant, Router, Scene


@dataclass(frozen=True)
class Outcome:
    """A mutant and what verification says of it that it did not say of the unharmed customer."""

    mutant: Mutant
    findings: tuple[Finding, ...]
    crash: str = ""

    @property
    def right(self) -> bool:
        """Caught by a rule that its class names, on the router that has the fault; or silence on what is harmless."""
        fault = self.mutant.fault
        if self.crash:
            return False
        if fault.harmless:
            return not self.findings
        name = self.mutant.router.name
        return any(one.rule in fault.rules and name in one.routers for one in self.findings)


def drawn(classes: Sequence[Fault], scenes: Sequence[Scene], count: int, random: Random) -> list[Mutant]:
    """``count`` different mutants, or as many as there are, each class having its turn until it has no more."""
    routers = [Router(scene, name) for scene in scenes for name in scene.texts]
    seen: set[tuple[str, str, int]] = set()
    waiting = [(fault, _of_class(fault, routers, random, seen)) for fault in classes]
    found: list[Mutant] = []
    while waiting and len(found) < count:
        for fault, mutants in list(waiting):
            mutant = next(mutants, None)
            if mutant is None:
                waiting.remove((fault, mutants))
            elif len(found) < count:
                found.append(mutant)
    return found


def _of_class(
    fault: Fault, routers: Sequence[Router], random: Random, seen: set[tuple[str, str, int]]
) -> Iterator[Mutant]:
    """A class's mutants without end, as long as new ones come: a random router, then a random fault in it."""
    exhausted = False
    while not exhausted:
        exhausted = True
        for router in random.sample(routers, len(routers)):
            texts = list(fault.texts(router, random))
            random.shuffle(texts)
            text = next((one for one in texts if (router.scene.name, router.name, hash(one)) not in seen), None)
            if text is not None:
                seen.add((router.scene.name, router.name, hash(text)))
                exhausted = False
                yield Mutant(fault, router, text)


@lru_cache(maxsize=64)
def models_of(scene: Scene) -> dict[str, RouterModel]:
    """The models of an unharmed customer."""
    return {name: _read(scene, name, text) for name, text in scene.texts.items()}


@lru_cache(maxsize=64)
def findings_of(scene: Scene) -> tuple[Finding, ...]:
    """What verification says of an unharmed customer."""
    return verify(models_of(scene), scene.inventory)


def judged(mutant: Mutant) -> Outcome:
    """Only the mutated router is read anew. A text that reader or verification stumble over is told, not raised."""
    scene = mutant.router.scene
    before = {_said(one) for one in findings_of(scene)}
    try:
        models = {**models_of(scene), mutant.router.name: _read(scene, mutant.router.name, mutant.configuration)}
        findings = verify(models, scene.inventory)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is wrong, and the next mutant has its turn
        return Outcome(mutant, (), f"{type(error).__name__}: {error}")
    return Outcome(mutant, tuple(one for one in findings if _said(one) not in before))


def _said(finding: Finding) -> tuple[str, ...]:
    """A finding without its lines, whose numbers other lines move."""
    return (finding.rule, finding.message, *finding.routers)


def _read(scene: Scene, name: str, text: str) -> RouterModel:
    return platform_of(scene.inventory.router(name)).read_model(text)
