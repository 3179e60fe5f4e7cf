"""Plans: what provisioning a site would change, as people read it; secrets are hidden in them from the start."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field

from agent.api.views.common import View, shown
from agent.provisioning.plan import DevicePlan, Plan


class PlanRow(View):
    """A stored plan."""

    model_config = ConfigDict(**shown({"plan": "P-1a2b3c4d", "site": "acme/leeds", "created": "2026-11-30T09:00:00Z"}))
    plan: str
    site: str
    """``customer/site``."""
    created: AwareDatetime


class ChangeView(View):
    """What changes of one feature."""

    feature: str
    rules: tuple[str, ...]
    """The rules of the service that it follows."""
    lines: tuple[str, ...]
    """Lines of configuration with ``+`` or ``-`` in front, secrets hidden."""
    access: bool
    """Whether it touches what the internet access or management stands on [WV-22]."""


class DeviceView(View):
    """What changes on one router."""

    router: str
    site: str
    hub: bool
    changes: tuple[ChangeView, ...]
    nothing_to_do: bool


class PlanView(View):
    """A plan: the routers of a site and the hubs that have to follow, in the order in which they would be changed."""

    model_config = ConfigDict(
        **shown(
            {
                "plan": "P-1a2b3c4d",
                "kind": "provision",
                "site": "acme/leeds",
                "reason": "order ORD-1002",
                "created": "2026-11-30T09:00:00Z",
                "author": "api:desk-2026",
                "nothing_to_do": False,
                "devices": [
                    {
                        "router": "acme-lee-r1",
                        "site": "acme/leeds",
                        "hub": False,
                        "nothing_to_do": False,
                        "changes": [
                            {
                                "feature": "vpn_routes",
                                "rules": ["WV-6"],
                                "access": False,
                                "lines": ["+ ip route vrf corporate 10.10.16.0 255.255.252.0 10.10.2.254"],
                            }
                        ],
                    }
                ],
                "notes": ["acme-lon-r1: hub, already as intended"],
            }
        )
    )
    plan: str
    """Its name, as `spokesman provision --plan` takes it."""
    kind: str
    """``provision`` or ``restore``."""
    site: str
    reason: str
    """The order or request that it is for [WV-22]."""
    created: AwareDatetime
    author: str
    nothing_to_do: bool
    devices: tuple[DeviceView, ...]
    """Those that this token may see."""
    notes: tuple[str, ...]


class PlanWish(View):
    """What to plan."""

    model_config = ConfigDict(**shown({"customer": "acme", "site": "leeds", "reference": "ORD-1002"}))
    customer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    """The customer's key in the inventory."""
    site: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    """The site's name, without the customer."""
    reference: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._/-]{0,39})?$")] = ""
    """The order or request that it is for; empty: the site's newest accepted order."""


def plan_view(plan: Plan, sees: frozenset[str] | None) -> PlanView:
    """A plan; with ``sees`` only the parts of those sites."""
    devices = [one for one in plan.devices if sees is None or one.site in sees]
    return PlanView(
        plan=plan.id,
        kind=plan.kind.value,
        site=plan.site,
        reason=plan.reason,
        created=plan.created,
        author=plan.author,
        nothing_to_do=plan.nothing_to_do,
        devices=tuple(_device(one) for one in devices),
        notes=plan.notes,
    )


def _device(device: DevicePlan) -> DeviceView:
    return DeviceView(
        router=device.router,
        site=device.site,
        hub=device.hub,
        changes=tuple(
            ChangeView(feature=one.feature, rules=one.clauses, lines=one.lines, access=one.access)
            for one in device.changes
        ),
        nothing_to_do=device.nothing_to_do,
    )
