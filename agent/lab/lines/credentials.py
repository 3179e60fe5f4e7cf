"""What lines with secrets come to: hashed, obfuscated, or refused where the hash is none."""

from __future__ import annotations

import re

from agent.lab.config import ConfigTree, Line, Path
from agent.lab.lines import passwords
from agent.lab.lines.change import Box, Change
from agent.lab.lines.grammar import Grammar, Known


def username(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """``username``: what is given joins what the user has; plain secrets are hashed."""
    if negated:
        return None
    words = known.text.split()
    present = box.running.child(f"username {words[1]}")
    fields = _user_fields(present.text) if present else {}
    fields.update(_user_fields(known.text))
    kind, value = fields.get("secret", ("", ""))
    if kind in {"", "0"} and value:
        fields["secret"] = ("9", passwords.type9(value))
    elif value and not passwords.is_hash(kind, value):
        return Change(
            message=f"ERROR: The secret you entered is not a valid encrypted secret (type {kind})", refused=True
        )
    text = " ".join(
        [f"username {words[1]}"]
        + ([f"privilege {fields['privilege'][1]}"] if "privilege" in fields else [])
        + ([f"secret {' '.join(fields['secret'])}"] if "secret" in fields else [])
        + ([f"password {' '.join(fields['password'])}"] if "password" in fields and "secret" not in fields else [])
    )
    return Change(put=((path, Line(obfuscated(box.running, text))),))


def _user_fields(text: str) -> dict[str, tuple[str, str]]:
    fields: dict[str, tuple[str, str]] = {}
    found = re.search(r" privilege (\d+)", text)
    if found:
        fields["privilege"] = ("", found.group(1))
    found = re.search(r" (secret|password) (?:([056789]) )?(.+)$", text)
    if found:
        fields[found.group(1)] = (found.group(2) or "0", found.group(3))
    return fields


def enable_secret(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """``enable secret``: hashed."""
    if negated:
        return None
    found = re.match(r"enable secret (level \d+ )?(?:([0589]) )?(.+)$", known.text)
    if not found:
        return None
    kind, value = found.group(2) or "0", found.group(3)
    if kind != "0" and not passwords.is_hash(kind, value):
        return Change(message="ERROR: The secret you entered is not a valid encrypted secret.", refused=True)
    coded = f"9 {passwords.type9(value)}" if kind == "0" else f"{kind} {value}"
    return Change(put=((path, Line(f"enable secret {found.group(1) or ''}{coded}")),))


_PLAIN_SECRET = re.compile(
    r"(?P<lead>(?:username \S+ (?:privilege \d+ )?password|enable password|password|neighbor \S+ password|key"
    r"|key-string|ppp chap password|standby \d+ authentication md5 key-string) )"
    r"(?:0 )?(?P<plain>(?!(?:5|6|7|8|9|chain) )\S.*)$"
)


def obfuscated(tree: ConfigTree, text: str) -> str:
    """``text`` with its plain password as type 7 where the router has ``service password-encryption``."""
    found = _PLAIN_SECRET.match(text)
    if not found or not tree.has("service password-encryption"):
        return text
    return f"{found.group('lead')}7 {passwords.type7(found.group('plain'))}"


def password(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """A line with a password of its own: obfuscated where the router does that."""
    if negated or known.pattern.mode:
        return None
    return Change(put=((path, Line(obfuscated(box.running, known.text))),))


def encryption(box: Box, _: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """``service password-encryption``: covers what is there."""
    if negated:
        return None
    tree = box.running
    encrypting = ConfigTree((Line("service password-encryption"),))
    puts = [
        (where, Line(obfuscated(encrypting, line.text)))
        for where, line in tree.walk()
        if obfuscated(encrypting, line.text) != line.text and not line.lines
    ]
    return Change(put=((path, Line(known.text)), *puts))


def ntp_key(_: Box, __: Grammar, path: Path, known: Known, negated: bool) -> Change | None:
    """``ntp authentication-key``: the key is always obfuscated."""
    words = known.text.split()
    if negated:
        return None
    coded = words[4] if words[5:] == ["7"] else passwords.type7(words[4])
    return Change(put=((path, Line(" ".join([*words[:4], coded, "7"]))),))
