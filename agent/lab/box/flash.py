"""The flash file system: files by name, a size limit, and the commands that list, copy, check and delete them."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

FILE_SYSTEMS = ("bootflash:", "flash:")
_PATH = re.compile(r"(bootflash:|flash:)?/?(?P<name>\S*)$")


class FlashFullError(Exception):
    """There is no room for a file."""


class Flash:
    """Files of one router. ``size`` is in bytes, ``base`` what the operating system's image takes of it."""

    def __init__(self, size: int = 2_000_000_000, base: int = 700_000_000) -> None:
        self.size = size
        self.base = base
        self.files: dict[str, bytes] = {}
        self.written: dict[str, float] = {}

    @property
    def free(self) -> int:
        """Bytes that are left."""
        return max(0, self.size - self.base - sum(len(data) for data in self.files.values()))

    def write(self, name: str, data: bytes, now: float) -> None:
        """Put a file in place of any of that name. Raises FlashFullError."""
        room = self.free + len(self.files.get(name, b""))
        if len(data) > room:
            raise FlashFullError(name)
        self.files[name] = data
        self.written[name] = now

    def delete(self, name: str) -> bool:
        """Whether there was such a file."""
        self.written.pop(name, None)
        return self.files.pop(name, None) is not None

    def directory(self, asked: str) -> str:
        """Output of ``dir``, for the whole file system or one file."""
        name = flash_name(asked) if asked else ""
        if name is None:
            return f"%Error opening {asked} (Invalid argument)\n"
        if name and name not in self.files:
            return f"%Error opening {asked} (No such file or directory)\n"
        shown = asked if name else f"{asked.rstrip('/') or FILE_SYSTEMS[0]}/"
        rows = [f"Directory of {shown}\n"]
        for number, (file, data) in enumerate(sorted(self.files.items()), start=11):
            if name in {"", file}:
                when = datetime.fromtimestamp(self.written.get(file, 0.0), UTC).strftime("%b %e %Y %H:%M:%S +00:00")
                rows.append(f"{number:>6}  -rw-  {len(data):>15}  {when}  {file}")
        rows.append(f"\n{self.size} bytes total ({self.free} bytes free)\n")
        return "\n".join(rows)

    def verify(self, asked: str) -> str:
        """Output of ``verify /md5``."""
        name = flash_name(asked)
        data = self.files.get(name or "")
        if data is None:
            return f"%Error verifying {asked} (No such file or directory)\n"
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return f"..Done!\nverify /md5 ({asked}) = {digest}\n\n"


def flash_name(asked: str) -> str | None:
    """The file that a path such as ``flash:/x`` or ``bootflash:x`` means; None where it is on another file system."""
    found = _PATH.match(asked)
    name = found.group("name") if found else ":"
    return None if ":" in name else name
