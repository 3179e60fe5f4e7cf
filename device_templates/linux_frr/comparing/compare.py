"""Whether two configurations are equal under the declared masks, and where they are not."""

from __future__ import annotations

from device_templates.comparison import Comparison, MaskedLine, PathLine
from device_templates.linux_frr.comparing.differences import Difference, differences
from device_templates.linux_frr.reading.document import parse
from device_templates.linux_frr.reading.secrets import redact
from device_templates.linux_frr.reading.syntax import trees


def compare(a: str, b: str) -> Comparison:
    """Compares two configurations; ``a`` is the intended or archived one, ``b`` what runs. Raises NotParsable.

    Compared is what the files say, not how they are written: FRR and nftables show what they run in their own words
    and order.
    """
    only: dict[str, dict[PathLine, None]] = {"a": {}, "b": {}}
    masked: dict[MaskedLine, None] = {}
    for one in differences(trees(parse(a)), trees(parse(b))):
        line = shown(one)
        if one.mask is None:
            only[one.side][line] = None
        else:
            masked[MaskedLine(line.path, line.text, one.mask.reason, one.side)] = None
    return Comparison(tuple(only["a"]), tuple(only["b"]), tuple(masked))


def shown(one: Difference) -> PathLine:
    """A difference as people see it, without secrets."""
    return PathLine(tuple(redact(node.text) for node in one.path), redact(one.node.text))
