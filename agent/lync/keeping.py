"""Takes backups: reads, proves, seals and keeps them, and says which ones stay [LY-7]."""

from __future__ import annotations

from agent.lync.exports import packed, taken, unpacked
from agent.lync.model import Backup, Contents, Taking, Why
from agent.lync.ports import Ports, Session
from agent.provisioning.ports import Runtime
from inventory import ServerView

#: How many of each kind are kept of a server: two weeks of daily ones, and the ones before the last changes.
KEPT = {Why.DAILY: 14, Why.ASKED: 10, Why.BEFORE: 10}


def kept(backups: tuple[Backup, ...]) -> frozenset[int]:
    """The numbers of the backups that stay: of each kind the newest. Pure."""
    stay: set[int] = set()
    for why, most in KEPT.items():
        newest = sorted((one.number for one in backups if one.why is why), reverse=True)
        stay.update(newest[:most])
    return frozenset(stay)


class Keeper:
    """Backups of Lync servers."""

    def __init__(self, ports: Ports, runtime: Runtime) -> None:
        self._ports = ports
        self._runtime = runtime

    def take(self, view: ServerView, *, why: Why, reason: str, who: str) -> Backup:
        """Take a backup in a session of its own; returns when it is proved and kept. Raises a DeviceError."""
        with self._ports.servers.open(view) as session:
            return self.take_in(session, view, why=why, reason=reason, who=who)

    def take_in(
        self,
        session: Session,
        view: ServerView,
        *,
        why: Why,
        reason: str,
        who: str,
        spare: frozenset[int] = frozenset(),
    ) -> Backup:
        """The same in an open session; the backups to ``spare`` stay, however old they are."""
        self._runtime.progress(f"{view.name}: exporting the configuration")
        contents = taken(session, view, self._runtime.new_id())
        body, parts = packed(contents), tuple(sorted(contents.parts))
        unpacked(body, view.name)
        taking = Taking(view.name, self._runtime.clock(), why, reason, who, parts)
        return self._ports.backups.add(taking, body, lambda all_of: kept(all_of) | spare)

    def contents(self, server: str, number: int) -> Contents:
        """What a kept backup holds; Refused if there is none, ArchiveDamaged if it cannot be used."""
        return unpacked(self._ports.backups.body(server, number), f"{server} backup {number}")
