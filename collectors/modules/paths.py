"""Names traffic classes by the policies and classes they lie in, because their indexes change with each edit. Pure.

An object of a policy in use has a number of its own, the number of its configuration, which carries the name, and its
parent's number. Only classes of policies for what leaves the device are named.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.snmp import Oid, Value

#: cbQosPolicyDirection; cbQosObjectsType of a policy and of a class.
_OUTPUT, _POLICY, _CLASS = 2, 1, 2
#: Policies lie in policies at most this deep; deeper is a circle.
_DEEPEST = 12


def paths(columns: tuple[Oid, ...], walked: Mapping[Oid, Value]) -> dict[str, Oid]:
    """The index of each class by its path, ``EGRESS/class-default/CLASSES/VOICE``.

    ``columns``: direction of a policy; configuration, type and parent of an object; names of policies and of classes.
    """
    direction, configuration, kind, parent, policy, traffic_class = columns
    titles = {_POLICY: policy, _CLASS: traffic_class}

    def title(index: Oid) -> str | None:
        number = walked.get((*configuration, *index))
        what = walked.get((*kind, *index))
        column = titles.get(what) if isinstance(what, int) else None
        found = walked.get((*column, number)) if column is not None and isinstance(number, int) else None
        text = found.decode("ascii", "replace") if isinstance(found, bytes) else ""
        return text if text.isprintable() and text else None

    def path(index: Oid) -> str | None:
        parts: list[str] = []
        for _ in range(_DEEPEST):
            own, above = title(index), walked.get((*parent, *index))
            if own is None or not isinstance(above, int):
                return None
            parts.insert(0, own)
            if above == 0:
                return "/".join(parts)
            index = (index[0], above)
        return None

    found: dict[str, Oid] = {}
    size = len(kind)
    for oid, value in walked.items():
        index = oid[size:]
        if oid[:size] == kind and value == _CLASS and walked.get((*direction, *index[:1])) == _OUTPUT:
            name = path(index)
            if name is not None:
                found.setdefault(name, index)
    return found
