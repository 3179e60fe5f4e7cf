"""People's logins: those of etc/spokesman/users in passwd, shadow and group, and no others that were ours."""

from __future__ import annotations

import re
from pathlib import Path

from .. import files, places
from ..errors import Rejected

FILE = "etc/spokesman/users"
_MARK = "spokesman"
_FIRST_UID = 3000
_LINE = re.compile(r"([a-z_][a-z0-9_-]{0,31}):(\$(?:2[aby]|5|6|y)\$[A-Za-z0-9./$=,]{10,200})")


def read_users(text: str) -> dict[str, str]:
    """Logins and their password hashes; raises Rejected for a line that is neither empty, a comment nor login:hash."""
    users: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        matched = _LINE.fullmatch(line)
        if not matched:
            raise Rejected(f"{FILE}: line {number} is not login:hash")
        users[matched[1]] = matched[2]
    return users


def check_users(text: str) -> None:
    """Whether these logins can be made; raises Rejected."""
    merged(read_users(text), *(files.read(Path("/etc") / name) for name in ("passwd", "shadow", "group")))


def apply_users(text: str) -> None:
    """Make the system's files hold exactly these logins of ours; raises Rejected where one is the system's own."""
    users = read_users(text)
    places.HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    names = {"passwd": 0o644, "shadow": 0o640, "group": 0o644}
    old = {name: files.read(Path("/etc") / name) for name in names}
    new = merged(users, old["passwd"], old["shadow"], old["group"])
    for (name, mode), content in zip(names.items(), new, strict=True):
        if content != old[name]:
            at = Path("/etc") / name
            seen = at.stat() if at.exists() else None
            files.write(at, content, mode=mode, owner=(seen.st_uid, seen.st_gid) if seen else None)


def merged(users: dict[str, str], passwd: str, shadow: str, group: str) -> tuple[str, str, str]:
    """passwd, shadow and group with these logins of ours and everything else unchanged."""
    entries = [line.split(":") for line in passwd.split("\n") if line.count(":") == 6]
    ours = {entry[0]: entry for entry in entries if entry[4] == _MARK}
    taken = sorted(set(users) & {entry[0] for entry in entries} - set(ours))
    if taken:
        raise Rejected(f"{FILE}: {taken[0]!r} is a login of the system itself")
    used = {int(entry[2]) for entry in entries}
    free = (number for number in range(_FIRST_UID, 60000) if number not in used)
    gid, groups = _group(group, sorted(users))
    lines = [":".join(entry) for entry in entries if entry[0] not in ours]
    for login in sorted(users):
        uid = ours[login][2] if login in ours else str(next(free))
        lines.append(":".join((login, "x", uid, str(gid), _MARK, str(places.HOME), "/bin/sh")))
    hidden = [
        line for line in shadow.split("\n") if line and line.partition(":")[0] not in (ours.keys() | users.keys())
    ]
    hidden += [f"{login}:{users[login]}:19000:0:99999:7:::" for login in sorted(users)]
    return "\n".join(lines) + "\n", "\n".join(hidden) + "\n", groups


def _group(group: str, logins: list[str]) -> tuple[int, str]:
    entries = [line.split(":") for line in group.split("\n") if line.count(":") == 3]
    own = next((entry for entry in entries if entry[0] == places.GROUP), None)
    if own is None:
        used = {int(entry[2]) for entry in entries}
        own = [places.GROUP, "x", str(next(n for n in range(_FIRST_UID, 60000) if n not in used)), ""]
        entries.append(own)
    own[3] = ",".join(logins)
    return int(own[2]), "\n".join(":".join(entry) for entry in entries) + "\n"
