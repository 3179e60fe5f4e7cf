"""/v1/status and /v1/alarms: what is watched."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from agent.api.caller import Worker
from agent.api.views.common import Limit, NameCursor, NumberCursor, Page, by_name
from agent.api.views.watch import AlarmView, ServerState, Status, alarm_view, server_state, status_view
from agent.app.app import utc_now
from agent.app.liveness import daemon_now
from agent.app.watching import Watching
from agent.monitoring.views import Selection
from agent.store.fleet import Fleet
from agent.store.states import States

router = APIRouter(tags=["watching"])

Past = Annotated[bool, Query(description="Cleared ones too.", examples=[False])]


@router.get("/status", operation_id="getStatus", summary="Show the state of the routers")
def get_status(work: Worker, limit: Limit = 50, cursor: NameCursor = None) -> Status:
    """Each router that this token may see, by name: up, down or unknown, its alarms and its last backup."""
    now, app = utc_now(), work.app()
    rows = Fleet(app.engine).rows(Selection(work.places), now, limit + 1, after=cursor or "")
    following = rows[limit - 1].router if len(rows) > limit else None
    return status_view(work, daemon_now(app.root, app.engine, now), rows[:limit], following)


@router.get("/status/lync-servers", operation_id="listServerStates", summary="Show the state of the Lync servers")
def list_server_states(work: Worker, limit: Limit = 50, cursor: NameCursor = None) -> Page[ServerState]:
    """Each Lync server that this token may see, by name: up, down or unknown, and what is wrong with it."""
    seen = [row for row in Watching(work.app()).servers() if work.sees(row.site)]
    return by_name(seen, lambda row: row.server, lambda row: server_state(work, row), (cursor, limit))


@router.get("/alarms", operation_id="listAlarms", summary="List alarms")
def list_alarms(work: Worker, limit: Limit = 50, cursor: NumberCursor = None, cleared: Past = False) -> Page[AlarmView]:
    """Active alarms of routers and servers that this token may see, newest first; past ones too where asked for."""
    subjects = None if work.whole else work.subjects
    before = None if cursor is None else int(cursor)
    found = States(work.serving.engine).alarm_page(before, limit + 1, cleared=cleared, subjects=subjects)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Page(items=tuple(alarm_view(work, one) for one in found[:limit]), next_cursor=following)
