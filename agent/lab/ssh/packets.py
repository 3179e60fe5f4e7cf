"""When a request of an SSH client has been answered, which paramiko does not say."""

from __future__ import annotations

from collections.abc import Callable

import paramiko
from paramiko.packet import Packetizer


def packets(answered: Callable[[], None]) -> type[Packetizer]:
    """Packets that tell when the message read last has been answered: that is when the next one is read."""

    class Packets(Packetizer):
        def read_message(self) -> tuple[int, paramiko.Message]:
            answered()
            return super().read_message()

    return Packets
