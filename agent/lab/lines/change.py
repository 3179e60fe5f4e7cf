"""What a line may reach, and what it comes to: the words between configuration mode and the effects of lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.lab.config import ConfigTree, Line, Path
from agent.lab.lines.grammar import Grammar, Known


class Box(Protocol):
    """What the lines can reach besides the configuration tree."""

    running: ConfigTree

    @property
    def release(self) -> str:
        """IOS-XE release, e.g. 17.9."""

    @property
    def grammar(self) -> Grammar:
        """The lines that its system and release have."""

    @property
    def licensed(self) -> bool:
        """Whether crypto lines are there."""

    @property
    def ports(self) -> tuple[str, ...]:
        """The physical interfaces."""

    @property
    def switch_ports(self) -> tuple[str, ...]:
        """Those of them that are ports of the built-in switch."""

    def set_snmp_user(self, words: list[str], *, remove: bool) -> str:
        """``snmp-server user …``: kept outside the configuration. Gives the router's complaint, or ""."""

    def make_host_key(self, words: list[str]) -> str:
        """``crypto key generate|zeroize …``: gives what the router says."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one line comes to in one place: first the drops, then the puts; nothing at all where ``refused``."""

    put: tuple[tuple[Path, Line], ...] = ()
    drop: tuple[tuple[Path, str], ...] = ()
    message: str = ""
    refused: bool = False
    invalid: bool = False  # the line is refused as if the grammar did not have it


#: What a line does: the box, the grammar, the section, the line, and whether it was negated; None: nothing special.
Effect = Callable[[Box, Grammar, Path, Known, bool], Change | None]
