"""/v1/archive: the archived configurations, with their secrets hidden. The API has no way to reveal one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from agent.api.caller import Work, Worker
from agent.api.problems import not_found
from agent.api.views.archive import (
    ArchivedRouter,
    Comparison,
    VersionText,
    VersionView,
    version_text,
    version_view,
)
from agent.api.views.common import LARGEST, HostName, Limit, NameCursor, NumberCursor, Page, by_name, newest_first
from agent.archive import Version
from agent.store.archive import ArchiveStore

router = APIRouter(prefix="/archive", tags=["archive"])

Number = Annotated[int, Path(ge=1, le=LARGEST, description="A version's number.", examples=[7])]
OfDiff = Annotated[int, Query(ge=1, le=LARGEST, description="A version's number.", examples=[6])]


@router.get("/routers", operation_id="listArchivedRouters", summary="List routers that have archived configurations")
def list_archived_routers(work: Worker, limit: Limit = 50, cursor: NameCursor = None) -> Page[ArchivedRouter]:
    """By name; routers that left the inventory are there for as long as their archive is."""
    store = ArchiveStore(work.serving.engine)
    names = [name for name in store.routers() if work.sees_subject(name)]
    return by_name(names, str, lambda name: _summary(name, store.versions(name)), (cursor, limit))


@router.get("/routers/{router}/versions", operation_id="listVersions", summary="List a router's versions")
def list_versions(work: Worker, router: HostName, limit: Limit = 50, cursor: NumberCursor = None) -> Page[VersionView]:
    """The three most recent configurations and the pinned ones, by number, newest first."""
    versions = _versions(work, router)
    return newest_first(((one.number, one) for one in versions), version_view, (cursor, limit))


@router.get("/routers/{router}/versions/{version}", operation_id="getVersion", summary="Show an archived configuration")
def get_version(work: Worker, router: HostName, version: Number) -> VersionText:
    """The whole text, secrets hidden."""
    found = _version(work, router, version)
    text = work.history().archive.show(router, version, who=work.who)
    return version_text(found, text)


@router.get("/routers/{router}/diff", operation_id="compareVersions", summary="Compare two archived configurations")
def compare_versions(work: Worker, router: HostName, older: OfDiff, newer: OfDiff) -> Comparison:
    """What changed from one version to another, secrets as fingerprints."""
    for number in (older, newer):
        _version(work, router, number)
    diff = work.history().archive.diff(router, older, newer)
    return Comparison(router=router, older=older, newer=newer, diff=diff)


def _versions(work: Work, router: str) -> tuple[Version, ...]:
    """A router's versions; Refusal (404) for a router that has none, or that the token may not see."""
    versions = ArchiveStore(work.serving.engine).versions(router)
    if not versions or not work.sees_subject(router):
        raise not_found("archived configuration of router", router)
    return versions


def _version(work: Work, router: str, number: int) -> Version:
    for one in _versions(work, router):
        if one.number == number:
            return one
    raise not_found("version", f"{router} {number}")


def _summary(router: str, versions: tuple[Version, ...]) -> ArchivedRouter:
    ranked = [version.number for version in versions if version.ranked]
    return ArchivedRouter(router=router, versions=len(versions), newest=ranked[0] if ranked else None)
