"""What a device cannot do, found out once: packets that it calls too big, objects that it refuses to tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.codec.pdu import Request
from collectors.snmp import Oid

#: Objects in a packet, or rows in an answer, that nothing is known against.
ANY = 1 << 16


class Learned:
    """Holds until the device is changed; made only for devices that have taught something."""

    __slots__ = ("_asked", "_cut", "most_objects", "refused", "repetitions")

    def __init__(self) -> None:
        self.most_objects = ANY
        self.repetitions = ANY
        self.refused: frozenset[Oid] = frozenset()
        self._asked: tuple[Request, ...] = ()
        self._cut: tuple[Request, ...] = ()

    def too_big(self, objects: int) -> None:
        """So many objects were too many for a packet."""
        self.most_objects = min(self.most_objects, max(objects // 2, 1))
        self._asked = ()

    def too_many_rows(self, repetitions: int) -> None:
        """Only so many rows fit an answer."""
        self.repetitions = min(self.repetitions, repetitions)

    def refuses(self, oids: frozenset[Oid]) -> None:
        """Objects not to ask for."""
        if not oids <= self.refused:
            self.refused |= oids
            self._asked = ()

    def forgive(self) -> None:
        """Ask for all objects again."""
        self.refused = frozenset()
        self._asked = ()

    def cut(self, packets: tuple[Request, ...]) -> tuple[Request, ...]:
        """``packets`` as the device can bear them."""
        if packets is not self._asked:
            self._cut = tuple(part for packet in packets for part in self._parts(packet))
            self._asked = packets
        return self._cut

    def _parts(self, packet: Request) -> Iterator[Request]:
        if not self.refused.isdisjoint(packet.oids):
            packet = Request.of(tuple(oid for oid in packet.oids if oid not in self.refused))
        if len(packet.oids) <= self.most_objects:
            if packet.oids:
                yield packet
            return
        for start in range(0, len(packet.oids), self.most_objects):
            yield Request.of(packet.oids[start : start + self.most_objects])
