"""The terminal of an IOS device: reads that end, and that know our prompt from a text that looks like it.

Netmiko polls a dead channel until its time is up, and takes any text that looks like the prompt for the end of an
answer. ``IosConnection`` closes these gaps; it also serves SCP, which opens a second connection through it, under the
same key.
"""

from __future__ import annotations

import re
from typing import Any

from netmiko.channel import SSHChannel
from netmiko.cisco.cisco_ios import CiscoIosSSH
from netmiko.exceptions import ReadException
from paramiko import PKey

from agent.drivers.ssh import Deadline, StrictConnection

#: A host name and ``#`` or ``>`` alone on the last line.
ANY_PROMPT = r"(?:\A|\n)[A-Za-z][A-Za-z0-9._-]{0,62}[#>][ \t]*$"
#: More than any configuration; a device that sends more in one answer is not telling us anything.
MOST_BYTES = 4_000_000
_CHUNK = 65_536


class BoundedChannel(SSHChannel):
    """A channel that notices that its peer is gone, and that a peer sends without end."""

    def __init__(self, conn: Any, encoding: str) -> None:
        super().__init__(conn, encoding)
        self.allowance = MOST_BYTES
        self.given_up = False

    def read_channel(self) -> str:
        """What has arrived, at most 64 KiB at a time; ReadException once the connection is closed and drained."""
        if self.remote_conn is None or self.given_up:
            raise ReadException("no open channel")
        if not self.remote_conn.recv_ready():
            if self.remote_conn.closed or not self.remote_conn.get_transport().is_active():
                raise ReadException("the connection is closed")
            return ""
        data: bytes = self.remote_conn.recv(_CHUNK)
        self.allowance -= len(data)
        if self.allowance < 0:
            raise ReadException(f"more than {MOST_BYTES} bytes in one answer")
        return data.decode(self.encoding, "ignore")


class IosConnection(StrictConnection, CiscoIosSSH):
    """Netmiko's connection to an IOS device that accepts exactly one host key."""

    def __init__(self, host: str, port: int, host_key: PKey, **arguments: Any) -> None:
        self.channel: SSHChannel | None = None
        super().__init__(host, port, host_key, device_type="cisco_ios", **arguments)

    def cut(self) -> None:
        """Close every connection at once, and read no more of what came before."""
        if isinstance(self.channel, BoundedChannel):
            self.channel.given_up = True
        super().cut()

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """As Netmiko does, then with a bounded channel."""
        super().establish_connection(width, height)
        self.channel = BoundedChannel(self.remote_conn, self.encoding)

    def renew_allowance(self) -> None:
        """Let the next answer have its full size."""
        if isinstance(self.channel, BoundedChannel):
            self.channel.allowance = MOST_BYTES

    def set_base_prompt(self, *arguments: Any, **options: Any) -> str:
        """The prompt of a device is a host name on the last line; a banner's decoration is none."""
        prompt: str = super().set_base_prompt(*arguments, **{**options, "pattern": ANY_PROMPT})
        return prompt

    def rest(self, quiet_s: float, limit_s: float) -> str:
        """What still comes until nothing has come for ``quiet_s``."""
        output: str = self.read_channel_timing(last_read=quiet_s, read_timeout=limit_s) if self._more(quiet_s) else ""
        return output

    def _more(self, quiet_s: float) -> bool:
        """Whether anything arrives within ``quiet_s``; read_channel_timing waits for a first byte without end."""
        channel = self.remote_conn
        deadline = Deadline(quiet_s, lambda: None)
        with deadline:
            while not deadline.expired:
                if channel.recv_ready():
                    return True
                channel.status_event.wait(0.05)
        return bool(channel.recv_ready())

    def _prompt_handler(self, _auto_find_prompt: bool) -> str:
        """The end of an answer: our prompt alone on the last line, not anywhere in the text."""
        return rf"(?:\A|\n){re.escape(self.base_prompt)}[A-Za-z0-9._-]*(?:\([^)\n]*\))?[#>][ \t]*$"
