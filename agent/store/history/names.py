"""Routers and layouts by the short numbers that rows have; what a process has met it remembers."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from agent.store.history.keys import PLACES, first_place
from agent.store.history.tables import layouts, routers
from collectors.errors import BadRecord
from collectors.record import Layout
from collectors.record.metrics import Metrics

log = logging.getLogger(__name__)

#: Layouts that are remembered at most, unpacked: fleets have some for each platform and set of rows.
MOST = 2000


class Places:
    """The routers' places; a router keeps its own for ever."""

    def __init__(self, engine: Engine) -> None:
        with engine.connect() as connection:
            self.of: dict[str, int] = _pairs(connection.execute(select(routers.c.name, routers.c.place)))

    def add(self, connection: Connection, names: Collection[str]) -> dict[str, int]:
        """The places of routers, given to those that have none; in the transaction of ``connection``."""
        asked = select(routers.c.name, routers.c.place).where(routers.c.name.in_(names))
        found = _pairs(connection.execute(asked))
        wanted = {name: first_place(name) for name in sorted(names) if name not in found}
        taken: set[int] = set()
        while wanted:
            free = select(routers.c.place).where(routers.c.place.in_(wanted.values()))
            taken.update(connection.scalars(free))
            later: dict[str, int] = {}
            for name, place in wanted.items():
                if place in taken:
                    later[name] = (place + 1) % PLACES
                else:
                    taken.add(place)
                    found[name] = place
                    connection.execute(insert(routers), {"name": name, "place": place})
            wanted = later
        return found

    def find(self, engine: Engine, router: str) -> int | None:
        """A router's place, another process's too; None: nothing was ever kept of it."""
        if router not in self.of:
            with engine.connect() as connection:
                place = connection.execute(select(routers.c.place).where(routers.c.name == router)).scalar()
            if place is not None:
                self.of[router] = place
        return self.of.get(router)


def _pairs(found: Iterable[Row[Any]]) -> dict[str, int]:
    return {row.name: row.place for row in found}


class Layouts:
    """The layouts' numbers, and what the numbers stand for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[int, Metrics | None] = {}
        self._used: dict[int, int] = {}

    def add(self, connection: Connection, layout: Layout, hour: int) -> int:
        """The number of a layout that an hour has, given to it where it has none; in the transaction of ``connection``.

        Until an hour that is later by as long as hours are kept it stays.
        """
        asked = select(layouts.c.id, layouts.c.used).where(layouts.c.digest == layout.digest)
        found = connection.execute(asked).one_or_none()
        if found is None:
            row = {"digest": layout.digest, "text": layout.text, "used": hour}
            found = connection.execute(insert(layouts).returning(layouts.c.id, layouts.c.used), row).one()
        elif found.used < hour:
            connection.execute(update(layouts).where(layouts.c.id == found.id).values(used=hour))
        number: int = found.id
        return number

    def metrics(self, number: int) -> Metrics | None:
        """What a layout's number stands for; None where that is not known or cannot be read, which is told once."""
        if number not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            with self._engine.connect() as connection:
                text = connection.execute(select(layouts.c.text).where(layouts.c.id == number)).scalar()
            self._known[number] = None
            if text is not None:
                with suppress(BadRecord):
                    self._known[number] = Metrics(Layout.read(text))
            if self._known[number] is None:
                log.warning("the history has no usable layout %d: values that were kept by it are left out", number)
        return self._known[number]

    def use(self, connection: Connection, numbers: Collection[int], hour: int) -> None:
        """Note that an hour has layouts, so that they are kept as long as it."""
        if len(self._used) > MOST:
            self._used.clear()
        fresh = [number for number in numbers if self._used.get(number, -1) < hour]
        if fresh:
            used = update(layouts).where(layouts.c.id.in_(fresh), layouts.c.used < hour)
            connection.execute(used.values(used=hour))
            self._used.update(dict.fromkeys(fresh, hour))
