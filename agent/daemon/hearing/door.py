"""Where the daemon hears what routers tell: opened by a setting, watched, and shown in counts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from agent.errors import ConfigurationProblem
from collectors.errors import SocketUnavailable
from collectors.hearing import Receiver

log = logging.getLogger(__name__)

#: What is counted that never reached this process.
LOST = "lost"


class Door:
    """One receiver of ``what`` (in words), as ``[section]`` of spokesman.toml sets it."""

    def __init__(self, receiver: Receiver, host: str, what: str, section: str) -> None:
        self._receiver, self._host, self._what, self._section = receiver, host, what, section
        self._told: Mapping[str, int] = {}

    async def open(self) -> None:
        """Begin to hear; raises ConfigurationProblem where that cannot be done."""
        try:
            await self._receiver.__aenter__()
        except SocketUnavailable as error:
            raise ConfigurationProblem(
                str(error), where=f"spokesman.toml: {self._section}",
                remedy="set listen and port to what is free here; a port below 1024 needs CAP_NET_BIND_SERVICE",
            ) from error  # fmt: skip
        log.info("the daemon receives %s on %s:%d", self._what, self._host, self._receiver.port)

    async def close(self) -> None:
        """Hear nothing more."""
        await self._receiver.__aexit__(None, None, None)

    @property
    def port(self) -> int:
        """Where it hears."""
        return self._receiver.port

    def counts(self, results: Iterable[str]) -> dict[str, int]:
        """Datagrams since the start by each of ``results``, and those that were lost."""
        return {**{str(one): self._receiver.counts.get(one, 0) for one in results}, LOST: self._receiver.lost}

    def complain(self, refusals: Iterable[str]) -> None:
        """Say in one line what was refused and lost since it was last asked, and of whom; nothing where nothing was."""
        counts, receiver = self.counts(refusals), self._receiver
        more = {what: count - self._told.get(what, 0) for what, count in counts.items()}
        self._told = counts
        named = [f"{count} {what.replace('_', ' ')}" for what, count in more.items() if count > 0]
        if named:
            who = [("last stranger", receiver.stranger), ("last too loud", receiver.loudest)]
            last = "".join(f"; {words}: {name}" for words, name in who if name)
            log.warning("%s refused: %s%s", self._what, ", ".join(named), last)
