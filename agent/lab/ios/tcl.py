"""The Tcl shell, as far as files are written in it: ``puts [open "flash:FILE" w+] {…}``, done at ``tclquit``."""

from __future__ import annotations

import re

from agent.lab.box.flash import FlashFullError, flash_name
from agent.lab.router import VirtualRouter

_PUTS = re.compile(r'puts \[open "(?P<file>[^"\s]+)" w\+\] \{(?P<data>.*)\}\s*', re.DOTALL)

#: A statement that grows longer than this is given up, in characters.
LONGEST = 4_000_000


class Tcl:
    """One visit to the Tcl shell; statements may span lines while a brace is open."""

    def __init__(self, router: VirtualRouter) -> None:
        self._router = router
        self._typed: list[str] = []
        self._depth = 0
        self._size = 0
        self._files: dict[str, str] = {}

    @property
    def prompt(self) -> str:
        """What stands before the next line."""
        return "+>" if self._typed else f"{self._router.hostname}(tcl)#"

    def take(self, line: str) -> str | None:
        """One line: None while its statement goes on or was taken; an exec command that is to be run instead."""
        self._typed.append(line)
        self._depth += line.count("{") - line.count("}")
        self._size += len(line)
        if self._depth > 0 and self._size <= LONGEST:
            return None
        statement = "\n".join(self._typed)
        self._typed, self._depth, self._size = [], 0, 0
        found = _PUTS.fullmatch(statement)
        if found is None:
            return statement.strip()
        self._files[found["file"]] = found["data"] + "\n"  # puts ends what it writes with a line's end
        return None

    def leave(self) -> str:
        """``tclquit``: channels are closed, and only now do files stand on the flash; what failed, in words."""
        said = ""
        for place, text in self._files.items():
            name = flash_name(place)
            try:
                if not name:
                    said += f'couldn\'t open "{place}": no such file or directory\n'
                else:
                    self._router.flash.write(name, text.encode(), self._router.clock.now())
            except FlashFullError:
                said += f"%Error writing {place} (No space left on device)\n"
        return said
