"""Who may log in to a router over SSH, and at which privilege he lands: as its running configuration says."""

from __future__ import annotations

import re

from agent.lab.config import ConfigTree
from agent.lab.lines import passwords

_USER = re.compile(r"username \S+(?: privilege (\d+))?(?: (?:secret|password) (?:([056789]) )?(.+))?$")


def privilege(tree: ConfigTree, user: str, password: str) -> int | None:
    """The level at which ``user`` lands; None where the router does not let him in."""
    line = tree.child("line vty")
    if line is None or not ({"ssh", "all"} & set((line.value("transport input") or "none").split())):
        return None
    aaa = tree.has("aaa new-model")
    if not aaa and line.value("login") != "local":
        return None
    if aaa and not _local(tree, line.value("login authentication") or "default"):
        return None
    entry = tree.child(f"username {user}")
    found = _USER.match(entry.text) if entry else None
    if not found or not found.group(3):
        return None
    if not passwords.verify(found.group(2) or "0", found.group(3), password):
        return None
    own = int(found.group(1) or 1)
    of_line = int(line.value("privilege level") or 1)
    if not aaa:
        return max(own, of_line)
    return own if _authorised(tree, line.value("authorization exec") or "default") else of_line


def _local(tree: ConfigTree, name: str) -> bool:
    """Whether a list ends in the local users; servers never answer in the lab, so the list falls through to them."""
    methods = tree.value(f"aaa authentication login {name}")
    return (methods is None and name == "default") or bool(methods and {"local", "local-case"} & set(methods.split()))


def _authorised(tree: ConfigTree, name: str) -> bool:
    methods = tree.value(f"aaa authorization exec {name}")
    return bool(methods and {"local", "if-authenticated"} & set(methods.split()))
