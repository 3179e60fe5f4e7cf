"""Makes plans: reads a pool, compares it with what is ordered, and works out change and undo; nothing is touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from agent.errors import Refused
from agent.lync.model import Expected, FeatureChange, LyncPlan
from agent.lync.ports import Ports, Session
from agent.lync.reading import all_met, digest, read_settings
from agent.provisioning.ports import Runtime
from device_templates.lync import (
    FEATURES,
    NOUNS,
    Change,
    State,
    Step,
    Value,
    after,
    difference,
    script_of,
    undo_of,
    undo_script,
    wanted,
)
from inventory import Inventory, ServerView

#: Servers that have Lync's cmdlets and the configuration store at hand.
COMMANDING = frozenset({"front_end", "standard_edition"})


@dataclass(frozen=True)
class Draft:
    """What a plan consists of beside its header; pure, and the same for the same inventory and state."""

    changes: tuple[FeatureChange, ...]
    before: tuple[Expected, ...]
    after: tuple[Expected, ...]
    script: str
    undo: str


def server_for(inventory: Inventory, name: str) -> ServerView:
    """The server that commands are sent to for a pool (``customer/pool``, or its bare name) or a server.

    Refused for a name that is neither, is not unique, or is a server without the cmdlets.
    """
    if name in inventory.server_names:
        view = inventory.server(name)
        if view.server.role not in COMMANDING:
            raise Refused(
                f"a server of role {view.server.role} does not change the configuration",
                where=name,
                remedy=f"name its pool, {view.server.pool}",
            )
        return view
    found: dict[str, ServerView] = {}
    for view in inventory.servers():
        key = f"{view.customer.customer}/{view.server.pool}"
        if name in (key, view.server.pool) and view.server.role in COMMANDING:
            found.setdefault(key, view)
    if len(found) != 1:
        what = "several pools have this name" if found else "there is no such Lync pool or server"
        pools = sorted({f"{one.customer.customer}/{one.server.pool}" for one in inventory.servers()})
        known = ", ".join(sorted(found) or (*pools, *inventory.server_names)) or "none yet"
        raise Refused(what, where=name, remedy=f"name one of: {known}")
    return next(iter(found.values()))


def draft(view: ServerView, state: State) -> Draft:
    """What has to be done on a pool in ``state``; raises NotRenderable, or Refused where it has no undo."""
    pool = view.pool
    settings = wanted(view.customer, view.server.pool, state)
    changes = difference(state, settings)
    touched = {change.feature for change in changes}
    back = undo_of(changes)
    before = tuple(_expected(change, state) for change in changes)
    there = after(state, changes)
    if not all_met(before, after(there, back)):
        raise Refused("the change cannot be taken back as it is", where=view.server.pool, remedy="report this plan")
    return Draft(
        changes=tuple(_by_feature(changes)),
        before=before,
        after=tuple(_expected(change, there) for change in changes),
        script=script_of(pool.version, [one for one in settings if one.feature in touched]),
        undo=undo_script(back),
    )


def _expected(change: Change, state: State) -> Expected:
    """What ``state`` has of the changed object, as far as it can be read."""
    found = state.get(change.key)
    if found is None:
        return Expected(noun=change.noun, name=change.name)
    readable = NOUNS[change.noun].read
    names = change.values if change.step is Step.SET else found
    return Expected(
        noun=change.noun, name=change.name, values={name: found.get(name) for name in names if name in readable}
    )


def _by_feature(changes: Iterable[Change]) -> Iterable[FeatureChange]:
    changes = tuple(changes)
    for feature in FEATURES:
        lines = tuple(line for change in changes if change.feature == feature.name for line in _lines(change))
        if lines:
            yield FeatureChange(feature=feature.name, title=feature.title, clauses=feature.clauses, lines=lines)


def _lines(change: Change) -> Iterable[str]:
    noun = change.noun.removeprefix("Cs")
    if change.step is Step.SET:
        for name, value in change.values.items():
            yield f"{noun} {change.name}: {name} {_shown(change.before.get(name))} -> {_shown(value)}"
    elif change.step is Step.CREATE:
        told = ", ".join(f"{name} {_shown(value)}" for name, value in change.values.items())
        yield f"+ {noun} {change.name}" + (f": {told}" if told else "")
    else:
        yield f"- {noun} {change.name}"


def _shown(value: Value) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


class Planner:
    """Makes and stores plans."""

    def __init__(self, ports: Ports, runtime: Runtime) -> None:
        self._ports = ports
        self._runtime = runtime

    def plan(self, inventory: Inventory, name: str, *, who: str, reason: str = "") -> LyncPlan:
        """What would change on a pool; stored. Raises Refused, NotRenderable, DeviceError."""
        view = server_for(inventory, name)
        self._runtime.progress(f"{view.name}: reading the settings of {view.server.pool}")
        with self._ports.servers.open(view) as session:
            made = draft_from(session, view)
        plan = LyncPlan(
            id=self._runtime.new_id(),
            customer=view.customer.customer,
            pool=view.server.pool,
            server=view.name,
            release=view.pool.version.value,
            reason=reason or f"the order of pool {view.server.pool}",
            created=self._runtime.clock(),
            author=who,
            inventory_digest=inventory.digest,
            state_digest=digest(made.before),
            script_digest=script_digest(made),
            changes=made.changes,
            before=made.before,
            after=made.after,
            script=made.script,
            undo=made.undo,
        )
        self._ports.plans.save(plan)
        return plan


def draft_from(session: Session, view: ServerView) -> Draft:
    """What has to be done, by the settings that the server has now."""
    return draft(view, read_settings(session, view.pool.version))


def script_digest(made: Draft) -> str:
    """SHA-256 over both scripts."""
    return hashlib.sha256(f"{made.script}\0{made.undo}".encode()).hexdigest()
