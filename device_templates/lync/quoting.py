"""Values as PowerShell literals: whatever an inventory holds stays one value and cannot become a command.

Single-quoted literals know no escapes and no variables; only a quote ends them, and a doubled quote stands for itself.
PowerShell takes the typographic single quotes for quotes as well (language specification, 2.3.5.2: U+2018 to U+201B),
so that these are doubled too. Control characters are refused: no setting needs one.
"""

from __future__ import annotations

from device_templates.errors import NotRenderable
from device_templates.lync.settings import Value

_QUOTES = frozenset("'\u2018\u2019\u201a\u201b")
#: Ends a line for some readers though Python prints it.
_LINE_ENDS = frozenset("\u0085\u2028\u2029")


def literal(value: Value) -> str:
    """``value`` as a PowerShell literal; raises NotRenderable for a text that holds a control character."""
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "@(" + ", ".join(literal(one) for one in value) + ")"
    return f"'{_doubled(value)}'"


def _doubled(text: str) -> str:
    if any(not one.isprintable() or one in _LINE_ENDS for one in text):
        raise NotRenderable(
            "holds a character that is not printable", where="Lync settings", rule="LY-2", remedy="write it otherwise"
        )
    return "".join(one * 2 if one in _QUOTES else one for one in text)
