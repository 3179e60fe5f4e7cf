"""Syslog: which of a router's messages are urgent; the rest is counted and forgotten, a firewall's first of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from agent.daemon.hearing.door import Door
from agent.daemon.ports import Place, Speakers
from collectors.syslog import Fate, Message, SyslogReceiver
from device_templates import Messages, Topic

#: What a message is counted as that is nothing urgent.
OTHER = "other"
_REFUSED = (Fate.UNKNOWN_SENDER, Fate.TOO_MANY, Fate.MALFORMED)


class SyslogWatch:
    """Receives syslog where ``place`` says so; ``told`` is called with a router's name and what is urgent, in words."""

    def __init__(self, place: Place, told: Callable[[str, str], None]) -> None:
        self._told = told
        self._messages: Mapping[str, Messages] = {}
        self._topics: Counter[str] = Counter()
        self._receiver: SyslogReceiver | None = None
        self.door: Door | None = None
        if place.syslog is not None:
            self._receiver = SyslogReceiver(*place.syslog, self._heard)
            self.door = Door(self._receiver, place.syslog[0], "syslog", "syslog")

    @property
    def counts(self) -> Mapping[str, int]:
        """Datagrams since the start by what became of them, urgent ones by topic; empty where none are received."""
        if self.door is None:
            return {}
        heard = {str(topic): self._topics[topic] for topic in (*Topic, OTHER)}
        return heard | self.door.counts((Fate.FIREWALL, *_REFUSED))

    def admit(self, speakers: Speakers) -> None:
        """From now on only these routers are heard."""
        if self._receiver is not None and self.door is not None:
            self._messages = dict(speakers.values())
            self._receiver.admit({address: (name, said.firewall) for address, (name, said) in speakers.items()})
            self.door.complain(_REFUSED)

    def _heard(self, router: str, message: Message) -> None:
        telling = self._messages[router].urgent(message.program, message.text)
        self._topics[OTHER if telling is None else telling.topic] += 1
        if telling is not None:
            self._told(router, str(telling))
