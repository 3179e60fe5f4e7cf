"""Exports and imports of a deployment's configuration, by what each release can [facts of Lync 2010 and 2013, LY-7]."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from agent.errors import ArchiveDamaged, CommandRejected, DeviceError, IncompleteOutput
from agent.lync.model import Contents, Expected
from agent.lync.ports import Argument, Output, Session
from agent.lync.reading import expectations, read_settings
from inventory import ServerView
from inventory.lync import Release

CONFIGURATION, LOCATIONS, RESPONSE_GROUPS = "configuration.zip", "locations.zip", "response_groups.zip"
_SETTINGS = "settings.json"
#: No export is this large; one that is, is not one.
LARGEST = 256 * 1024 * 1024
#: Where the server puts an export that it can write to a file only; removed at once.
_PLACE = "C:\\Windows\\Temp\\spokesman-rgs-{stamp}.zip"
_FOUND = TypeAdapter(tuple[Expected, ...])


def taken(session: Session, view: ServerView, stamp: str) -> Contents:
    """Everything that a backup holds, proved; raises a DeviceError. ``stamp`` makes a temporary file's name its own."""
    parts = {
        CONFIGURATION: _bytes(session, "Export-CsConfiguration", {"AsBytes": True}),
        LOCATIONS: _bytes(session, "Export-CsLisConfiguration", {"AsBytes": True}),
    }
    pool = view.pool
    if pool.version is Release.LYNC_2013:
        name = pool.fqdn or pool_of(session, view)
        parts[RESPONSE_GROUPS] = _response_groups(session, name, _PLACE.format(stamp=stamp))
    prove(parts, (*topology(session), *([pool.fqdn] if pool.fqdn else [])))
    return Contents(parts, expectations(read_settings(session, pool.version), directory=False))


def put_back(session: Session, view: ServerView, contents: Contents, stamp: str) -> None:
    """Import what a backup holds; what Active Directory keeps (access numbers, UM contacts) is not in it."""
    session.call("Import-CsConfiguration", {"ByteInput": contents.parts[CONFIGURATION], "Force": True})
    session.call("Enable-CsTopology")
    session.call("Import-CsLisConfiguration", {"ByteInput": contents.parts[LOCATIONS]})
    groups = contents.parts.get(RESPONSE_GROUPS)
    if groups is not None:
        place = _PLACE.format(stamp=stamp)
        name = view.pool.fqdn or pool_of(session, view)
        session.call("Set-Content", {"Path": place, "Encoding": "Byte", "Value": groups})
        try:
            session.call(
                "Import-CsRgsConfiguration",
                {
                    "Destination": f"ApplicationServer:{name}",
                    "FileName": place,
                    "OverwriteOwner": True,
                    "ReplaceExistingRgsSettings": True,
                },
            )
        finally:
            session.call("Remove-Item", {"Path": place})


def _response_groups(session: Session, pool: str, place: str) -> bytes:
    session.call("Export-CsRgsConfiguration", {"Source": f"ApplicationServer:{pool}", "FileName": place})
    try:
        return _bytes(session, "Get-Content", {"Path": place, "Encoding": "Byte", "ReadCount": 0})
    finally:
        session.call("Remove-Item", {"Path": place})


def topology(session: Session) -> tuple[str, ...]:
    """The full names of all pools, as the server tells them."""
    names = [row["Identity"] for row in session.call("Get-CsPool", select=("Identity",)) if isinstance(row, dict)]
    found = tuple(name for name in names if isinstance(name, str) and name)
    if not found:
        raise IncompleteOutput("the server names no pool of its topology", where="Get-CsPool", remedy="try again")
    return found


def pool_of(session: Session, view: ServerView) -> str:
    """The full name of a server's pool: by its own name in the topology."""
    own = (view.server.fqdn or view.name).casefold()
    for row in session.call("Get-CsPool", select=("Identity", "Computers")):
        if isinstance(row, dict):
            computers = row.get("Computers") or ()
            names = [str(row.get("Identity")), *(computers if isinstance(computers, tuple) else (str(computers),))]
            if any(own in (name.casefold(), name.casefold().partition(".")[0]) for name in names):
                return str(row.get("Identity"))
    raise CommandRejected(
        "the topology has no pool of this server", where=view.name, remedy=f"add lync.pools.{view.server.pool}.fqdn"
    )


def _bytes(session: Session, cmdlet: str, parameters: dict[str, Argument]) -> bytes:
    """The bytes that a cmdlet gives, as one array or as many pieces."""
    return joined(cmdlet, session.call(cmdlet, parameters))


def joined(cmdlet: str, outputs: Iterable[Output]) -> bytes:
    """One body of what came: arrays of bytes, or single ones as numbers."""
    body = bytearray()
    for one in outputs:
        if isinstance(one, bytes):
            body += one
        elif isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 256:
            body.append(one)
        else:
            raise IncompleteOutput(f"{cmdlet} gave something that is no data", where="WinRM")
        if len(body) > LARGEST:
            raise IncompleteOutput(f"{cmdlet} gave more than {LARGEST} bytes", where="WinRM")
    if not body:
        raise IncompleteOutput(f"{cmdlet} gave nothing", where="WinRM", remedy="run it in Lync's own shell and look")
    return bytes(body)


def prove(parts: dict[str, bytes], known: Iterable[str]) -> None:
    """IncompleteOutput unless every zip opens whole and the configuration names what is known of the deployment."""
    for name, data in parts.items():
        if name == LOCATIONS and not data.startswith(b"PK"):
            continue  # its format is not documented; that it is not empty is all that can be said
        _opened(name, data)
    held = b"\n".join(_opened(CONFIGURATION, parts[CONFIGURATION])).lower()
    for one in known:
        if not any(one.lower().encode(coding) in held for coding in ("utf-8", "utf-16-le", "utf-16-be")):
            raise IncompleteOutput(
                f"the export does not name {one}", where=CONFIGURATION, remedy="look at the topology; it is no backup"
            )


def _opened(name: str, data: bytes) -> list[bytes]:
    """All members of a zip, each by its checksum."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            too_large = sum(one.file_size for one in entries) > 2 * LARGEST
            members = [] if too_large else [archive.read(one) for one in entries]
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise IncompleteOutput(f"the export does not open ({error})", where=name, remedy="take it again") from None
    if not any(members):
        raise IncompleteOutput("the export is empty or too large", where=name, remedy="take it again")
    return members


def packed(contents: Contents) -> bytes:
    """One zip of all parts."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(contents.parts.items()):
            archive.writestr(name, data)
        archive.writestr(_SETTINGS, json.dumps([one.model_dump(mode="json") for one in contents.settings]))
    return body.getvalue()


def unpacked(body: bytes, where: str) -> Contents:
    """The parts again; raises ArchiveDamaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = {one: archive.read(one) for one in archive.namelist() if one != _SETTINGS}
            settings = _FOUND.validate_json(archive.read(_SETTINGS))
        prove(parts, ())
    except (zipfile.BadZipFile, KeyError, ValidationError, DeviceError) as error:
        raise ArchiveDamaged(f"the backup cannot be read ({type(error).__name__})", where=where) from None
    return Contents(parts, settings)
