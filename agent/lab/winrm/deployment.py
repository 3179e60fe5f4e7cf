"""A Lync deployment that the stub's cmdlets read and change: objects with properties, exports, a few files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from xml.sax.saxutils import escape

from agent.lab.winrm.catalogue import Catalogue, catalogue
from agent.lab.winrm.errors import PowerShellError
from agent.lab.winrm.runner import Thing

#: Kept in Active Directory: no export of the configuration holds them.
DIRECTORY = frozenset({"CsDialInConferencingAccessNumber", "CsExUmContact"})
#: The parameter of ``New-`` that names an object, where it is not Identity.
_NAMED = {"CsDialInConferencingAccessNumber": "PrimaryUri", "CsExUmContact": "SipAddress"}
#: What a cmdlet takes that is no property.
_CONTROLS = frozenset({"Identity", "Instance", "Force", "WhatIf", "Confirm", "PassThru", "InMemory", "LocalStore"})
#: What ``New-`` calls otherwise than the object does.
_RENAMED = {"LineURI": "LineUri"}
_DOCUMENT, _STATE = "DocItemSet.xml", "state.json"

Properties = dict[str, object]


@dataclass
class Deployment:
    """The state of one customer's Lync as cmdlets see it; safe to use from several sessions at once.

    ``before``: called before each cmdlet that changes something, with its name; a fault may raise in it.
    """

    release: str
    pools: tuple[str, ...]
    computers: tuple[str, ...] = ()
    services: dict[str, str] = field(default_factory=lambda: {"RTCSRV": "Running", "W3SVC": "Running"})
    before: Callable[[str], None] = lambda _name: None
    objects: dict[tuple[str, str], Properties] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    location: str = "no locations"
    groups: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock, repr=False)

    def __post_init__(self) -> None:
        if not self.objects:
            for row in self.catalogue.objects:
                properties = {key: value for key, value in row.items() if key != "noun"}
                self.objects[row["noun"], str(row["Identity"]).casefold()] = properties

    @property
    def catalogue(self) -> Catalogue:
        return catalogue(self.release)

    def __call__(self, cmdlet: str, given: Mapping[str, object]) -> list[object]:
        """Run one cmdlet; raises PowerShellError."""
        with self.lock:
            if cmdlet.lower() in _FILE_CMDLETS:
                return _FILE_CMDLETS[cmdlet.lower()](self, given)
            name, bound = self.catalogue.bound(cmdlet, given)
            verb, _, noun = name.partition("-")
            if verb != "Get" and verb != "Export":
                self.before(name)
            special = _SPECIAL.get(name)
            if special is not None:
                return special(self, bound)
            return {"Get": self._get, "Set": self._set, "New": self._new, "Remove": self._remove}[verb](noun, bound)

    def _get(self, noun: str, bound: Properties) -> list[object]:
        if set(bound) - {"Identity", "LocalStore"}:
            raise PowerShellError(f"this stub's Get-{noun} knows -Identity only", "NotSupported", fatal=True)
        if "Identity" not in bound:
            return [Thing(noun, dict(one)) for (kind, _), one in sorted(self.objects.items()) if kind == noun]
        return [Thing(noun, dict(self._found(noun, str(bound["Identity"]))[1]))]

    def _set(self, noun: str, bound: Properties) -> list[object]:
        key, properties = self._found(noun, str(bound.get("Identity", "Global")))
        changed = {name: value for name, value in bound.items() if name not in _CONTROLS}
        self._regions_exist(changed)
        if not bound.get("WhatIf"):
            self.objects[key] = {**properties, **changed}
            self.changes.append(f"Set-{noun}")
        return []

    def _new(self, noun: str, bound: Properties) -> list[object]:
        name = str(bound.get(_NAMED.get(noun, "Identity")) or bound.get("Domain"))
        key = (noun, _bare(name))
        if key in self.objects:
            raise PowerShellError(f'An item with identity "{name}" already exists.', f"DuplicateItem,New-{noun}")
        properties = {_RENAMED.get(one, one): value for one, value in bound.items() if one not in _CONTROLS}
        self._regions_exist(properties)
        properties["Identity"] = f"Tag:{name}" if noun == "CsDialPlan" else name
        if noun == "CsAllowedDomain":
            properties["Domain"] = name
        if noun == "CsDialPlan":
            properties.setdefault("SimpleName", name)
        if bound.get("WhatIf"):
            return []
        self.objects[key] = properties
        self.changes.append(f"New-{noun}")
        return [Thing(noun, dict(properties))]

    def _remove(self, noun: str, bound: Properties) -> list[object]:
        key, properties = self._found(noun, str(bound["Identity"]))
        if properties.get("Identity") == "Global":  # removing a global policy resets it
            raise PowerShellError("this stub does not reset global policies", "NotSupported", fatal=True)
        if not bound.get("WhatIf"):
            del self.objects[key]
            self.changes.append(f"Remove-{noun}")
        return []

    def _found(self, noun: str, name: str) -> tuple[tuple[str, str], Properties]:
        key = (noun, _bare(name))
        if key not in self.objects:
            raise PowerShellError(f'Cannot find item "{name}" for "{noun}".', f"ObjectNotFound,{noun}")
        return key, self.objects[key]

    def _regions_exist(self, properties: Mapping[str, object]) -> None:
        """An access number's region must be one that a dial plan has."""
        regions = properties.get("Regions")
        if isinstance(regions, list):
            known = {
                one.get("DialinConferencingRegion") for (noun, _), one in self.objects.items() if noun == "CsDialPlan"
            }
            for region in regions:
                if region not in known:
                    raise PowerShellError(f'Region "{region}" does not exist.', "InvalidRegion")

    def _pools(self, bound: Properties) -> list[object]:
        wanted = str(bound.get("Identity", "")).casefold()
        found = [one for one in self.pools if wanted in ("", one.casefold())]
        if not found:
            raise PowerShellError(f'Cannot find pool "{bound["Identity"]}".', "ObjectNotFound,CsPool")
        return [Thing("CsPool", {"Identity": one, "Fqdn": one, "Computers": list(self.computers)}) for one in found]

    def _windows_services(self, _bound: Properties) -> list[object]:
        return [
            Thing("CsWindowsService", {"Name": name, "Status": status, "ActivityLevel": 0})
            for name, status in sorted(self.services.items())
        ]

    def exported(self) -> bytes:
        """The configuration as a zip: a document for people and for proofs, and the state that is read back."""
        kept = [[noun, name, values] for (noun, name), values in sorted(self.objects.items()) if noun not in DIRECTORY]
        rows = "".join(f'<Cluster Fqdn="{escape(one)}"/>' for one in (*self.pools, *self.computers))
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_DOCUMENT, f'<?xml version="1.0" encoding="utf-8"?><DocItemSet>{rows}</DocItemSet>')
            archive.writestr(_STATE, json.dumps(kept))
        return body.getvalue()

    def _export(self, bound: Properties) -> list[object]:
        data = self.exported()
        if bound.get("AsBytes"):
            return [data]
        self.files[str(bound["FileName"]).lower()] = data
        return []

    def _import(self, bound: Properties) -> list[object]:
        try:
            with zipfile.ZipFile(io.BytesIO(self._input(bound))) as archive:
                rows = json.loads(archive.read(_STATE))
        except (zipfile.BadZipFile, KeyError, ValueError):
            raise PowerShellError("The file is not a valid configuration export.", "InvalidData") from None
        own = {key: values for key, values in self.objects.items() if key[0] in DIRECTORY}
        self.objects = {**own, **{(noun, name): values for noun, name, values in rows}}
        self.changes.append("Import-CsConfiguration")
        return []

    def _export_location(self, bound: Properties) -> list[object]:
        data = _zipped("lis.xml", f"<Lis>{escape(self.location)}</Lis>")
        if bound.get("AsBytes"):
            return [data]
        self.files[str(bound["FileName"]).lower()] = data
        return []

    def _import_location(self, bound: Properties) -> list[object]:
        text = _unzipped("lis.xml", self._input(bound))
        self.location = text.removeprefix("<Lis>").removesuffix("</Lis>")
        self.changes.append("Import-CsLisConfiguration")
        return []

    def _export_groups(self, bound: Properties) -> list[object]:
        pool = self._service(str(bound["Source"]))
        self.files[str(bound["FileName"]).lower()] = _zipped("rgs.xml", f"<Rgs>{self.groups.get(pool, '')}</Rgs>")
        return []

    def _import_groups(self, bound: Properties) -> list[object]:
        pool = self._service(str(bound["Destination"]))
        text = _unzipped("rgs.xml", self._file(str(bound["FileName"])))
        if self.groups.get(pool) and not bound.get("OverwriteOwner") and not bound.get("ReplaceExistingRgsSettings"):
            raise PowerShellError("Response Group settings exist in the destination pool.", "DuplicateItem")
        self.groups[pool] = text.removeprefix("<Rgs>").removesuffix("</Rgs>")
        self.changes.append("Import-CsRgsConfiguration")
        return []

    def _service(self, identity: str) -> str:
        kind, _, pool = identity.partition(":")
        if kind.lower() not in {"applicationserver", "service"} or pool.split(":")[-1] not in self.pools:
            raise PowerShellError(f'Cannot find service "{identity}".', "ObjectNotFound")
        return pool.split(":")[-1]

    def _enable_topology(self, _bound: Properties) -> list[object]:
        return []

    def _input(self, bound: Properties) -> bytes:
        given = bound.get("ByteInput")
        return given if isinstance(given, bytes) else self._file(str(bound["FileName"]))

    def _file(self, name: str) -> bytes:
        if name.lower() not in self.files:
            raise PowerShellError(f"Cannot find path '{name}' because it does not exist.", "PathNotFound")
        return self.files[name.lower()]

    def _get_content(self, given: Mapping[str, object]) -> list[object]:
        _only(given, {"Path", "Encoding", "ReadCount"})
        return [self._file(str(given.get("Path")))]

    def _set_content(self, given: Mapping[str, object]) -> list[object]:
        _only(given, {"Path", "Encoding", "Value"})
        value = given.get("Value")
        if given.get("Encoding") != "Byte" or not isinstance(value, bytes | bytearray):
            raise PowerShellError("this stub writes bytes only", "NotSupported")
        self.files[str(given.get("Path")).lower()] = bytes(value)
        return []

    def _remove_item(self, given: Mapping[str, object]) -> list[object]:
        _only(given, {"Path"})
        self._file(str(given.get("Path")))
        del self.files[str(given.get("Path")).lower()]
        return []


def _only(given: Mapping[str, object], known: set[str]) -> None:
    for name in set(given) - known - {"ErrorAction"}:
        message = f"A parameter cannot be found that matches parameter name '{name}'."
        raise PowerShellError(message, "NamedParameterNotFound")


def _bare(name: str) -> str:
    return name.removeprefix("Tag:").removeprefix("tag:").casefold()


def _zipped(member: str, text: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, text)
    return body.getvalue()


def _unzipped(member: str, data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(member).decode()
    except (zipfile.BadZipFile, KeyError):
        raise PowerShellError("The data is not a valid export.", "InvalidData") from None


_FILE_CMDLETS = {
    "get-content": Deployment._get_content,
    "set-content": Deployment._set_content,
    "remove-item": Deployment._remove_item,
}
_SPECIAL = {
    "Get-CsPool": Deployment._pools,
    "Get-CsWindowsService": Deployment._windows_services,
    "Export-CsConfiguration": Deployment._export,
    "Import-CsConfiguration": Deployment._import,
    "Export-CsLisConfiguration": Deployment._export_location,
    "Import-CsLisConfiguration": Deployment._import_location,
    "Export-CsRgsConfiguration": Deployment._export_groups,
    "Import-CsRgsConfiguration": Deployment._import_groups,
    "Enable-CsTopology": Deployment._enable_topology,
}
