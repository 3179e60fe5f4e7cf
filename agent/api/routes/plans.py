"""/v1/plans: what provisioning would change. Nothing here changes a device."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from agent.api.caller import Work, Worker
from agent.api.problems import not_found
from agent.api.routes.inventory import site_of
from agent.api.views.common import Limit, NumberCursor, Page
from agent.api.views.plans import PlanRow, PlanView, PlanWish, plan_view
from agent.provisioning.plan import Plan
from agent.store.plans import PlanReader

router = APIRouter(prefix="/plans", tags=["plans"])

PlanId = Annotated[str, Path(pattern=r"^P-[0-9a-f]{8}$", description="A plan's name.", examples=["P-1a2b3c4d"])]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Later than this no plan was made, and no moment can be computed.
LAST = datetime(9999, 1, 1, tzinfo=UTC)


@router.get("", operation_id="listPlans", summary="List stored plans")
def list_plans(work: Worker, limit: Limit = 50, cursor: NumberCursor = None) -> Page[PlanRow]:
    """Stored plans, newest first."""
    found = PlanReader(work.serving.engine).page(_moment(cursor), limit + 1, places=work.places)
    rows = [PlanRow(plan=plan, site=site, created=created) for created, plan, site in found]
    more = len(rows) > limit
    following = str((rows[limit - 1].created - EPOCH) // timedelta(microseconds=1)) if more else None
    return Page(items=tuple(rows[:limit]), next_cursor=following)


@router.get("/{plan}", operation_id="getPlan", summary="Show a plan")
def get_plan(work: Worker, plan: PlanId) -> PlanView:
    """What the plan would change, router by router, secrets hidden."""
    reader = PlanReader(work.serving.engine)
    if not reader.holds(plan, places=work.places):
        raise not_found("plan", plan)
    return _shown(work, reader.plan(plan))


@router.post("", operation_id="makePlan", summary="Plan a site", status_code=HTTPStatus.CREATED)
def make_plan(work: Worker, wish: PlanWish, response: Response) -> PlanView:
    """Reads the routers concerned and stores what provisioning the site would change. No router is changed.

    Running a plan is for the command line, or for a request's own life.
    """
    app = work.app()
    view = site_of(work, app.inventory, wish.customer, wish.site)
    made = app.plan(view.key, wish.reference)
    response.headers["Location"] = f"/v1/plans/{made.id}"
    return _shown(work, made)


def _shown(work: Work, plan: Plan) -> PlanView:
    sees = None if work.whole else frozenset(one.site for one in plan.devices if work.sees(one.site))
    return plan_view(plan, sees)


def _moment(cursor: str | None) -> datetime | None:
    """The moment that a cursor means: microseconds since 1970."""
    if cursor is None:
        return None
    microseconds = int(cursor)
    if microseconds >= (LAST - EPOCH) // timedelta(microseconds=1):
        return LAST
    return EPOCH + timedelta(microseconds=microseconds)
