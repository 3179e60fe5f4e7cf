"""NAPALM's IOS driver with the device's own safety: no helper files, no change besides the one asked for.

NAPALM would switch ``file prompt quiet`` on in the running configuration, save before it is switched off again, and
leave a copy of the running configuration on flash. A timed ``configure replace`` needs none of it: IOS keeps its own
copy for the revert.
"""

from __future__ import annotations

import re

from napalm.ios.ios import IOSDriver

from agent.drivers.ios.connection import ANY_PROMPT, IosConnection

#: Our files on flash all begin so.
FILE_PREFIX = "spokesman-"
CANDIDATE = f"{FILE_PREFIX}candidate.cfg"
FLASH = "flash:"
#: Without an archive there are no timed changes.
_NONE_PENDING = re.compile(r"No Rollback Confirmed Change pending|Archive feature not enabled|turn config archive on")
_QUESTION = r"\[confirm\][ \t]*$|\[yes/no\]:?[ \t]*$"
#: Asked when a trustpoint goes that has certificates; Enter is no answer to it.
_DESTROYS = re.compile(r"destroy all certificates[^#>]*\[yes/no\]:?[ \t]*$")
#: Questions that a replace may ask, one for each user that it removes.
_MOST_QUESTIONS = 50


class Ios(IOSDriver):
    """Loads, compares, commits with a timer; ``answer`` is what the device said last, ``sent`` if a change went out."""

    def __init__(self, connection: IosConnection, username: str, commit_s: float) -> None:
        super().__init__(
            connection.host,
            username,
            "",
            optional_args={"dest_file_system": FLASH, "candidate_cfg": CANDIDATE, "auto_file_prompt": False},
        )
        self.device = self._netmiko_device = connection
        self._commit_s = commit_s
        self.answer = ""
        self.sent = False

    def pending_user(self) -> str | None:
        """Whose timed change waits for confirmation; None: nobody's. ValueError if the device does not say."""
        output = str(self.device.send_command("show archive config rollback timer"))
        user = re.search(r"^\s*User: (\S+)", output, re.MULTILINE)
        if user:
            return user[1]
        if _NONE_PENDING.search(output):
            return None
        raise ValueError("no word on a pending change")

    def run(self, command: str) -> str:
        """Send a command that changes something and answer its questions; from then on only the outcome counts."""
        return self._commit_handler(command)

    def _commit_handler(self, cmd: str) -> str:
        self.sent = True
        end = f"{ANY_PROMPT}|{_QUESTION}"
        output = str(self.device.send_command(cmd, expect_string=end, read_timeout=self._commit_s, strip_prompt=False))
        for _ in range(_MOST_QUESTIONS):
            if not re.search(_QUESTION, output):
                break
            typed = "yes" if _DESTROYS.search(output) else "\n"
            output += str(
                self.device.send_command(
                    typed, expect_string=end, read_timeout=self._commit_s, strip_prompt=False, cmd_verify=False
                )
            )
        self.device.set_base_prompt()
        self.answer = output
        return output

    def _gen_rollback_cfg(self) -> None:
        """None: IOS keeps its own copy for a timed replace."""
