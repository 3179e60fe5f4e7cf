"""Whether an alarm opens an incident, and why or why not: the reason is kept and shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.incidents.incident import Status


class Decision(StrEnum):
    """What an alarm leads to."""

    OPENED = "opened"
    ATTACHED = "attached"
    #: Proactive monitoring is not ordered: the state is shown, no incident is opened [WV-10, WV-12].
    NOT_PROACTIVE = "suppressed: proactive monitoring is not ordered [WV-10]"
    #: Nothing is accepted there yet: commissioning is excluded [WV-32].
    NOT_IN_SERVICE = "suppressed: the site is not in service yet [WV-32]"
    #: The agent itself is changing this router now.
    OUR_WORK = "suppressed: our own change is running on the router"
    #: A hub behind it is not up: the hub's own alarm carries the incident.
    DEPENDENT = "suppressed: the hub it depends on is not up"
    #: The hub behind it has not been asked again since.
    HELD = "held: the hub it depends on is asked again first"
    #: This kind of alarm is for the management centre, not a fault of the service.
    NOT_A_FAULT = "suppressed: no fault of the service"
    #: The same for a Lync server, which stands behind a router and has its own order and windows.
    SUPPORT_NOT_PROACTIVE = "suppressed: proactive support is not ordered [LY-9]"
    MAINTENANCE = "suppressed: our own work or its agreed maintenance window is on"
    BEHIND_ROUTER = "suppressed: the router before it is not up"
    HELD_FOR_ROUTER = "held: the router before it is asked again first"
    NONE = ""

    @property
    def final(self) -> bool:
        """Whether it stands while the alarm lasts; the others are looked at again after each poll."""
        return self in (Decision.OPENED, Decision.ATTACHED, Decision.NOT_A_FAULT)


class Hub(StrEnum):
    """How the hubs look that an alarm depends on: asked since the alarm and not failing, not asked yet, all failing."""

    NOT_CONCERNED = "not_concerned"
    ASKED_SINCE = "asked_since"
    NOT_ASKED_SINCE = "not_asked_since"
    NOT_UP = "not_up"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision rests on."""

    fault: bool
    proactive: bool
    in_service: bool
    our_work: bool
    hub: Hub
    incident: Status | None


def decide(situation: Situation) -> Decision:
    """Whether to open. A fault attaches to the router's incident that is not closed yet; what is no fault of the
    service only joins one that is open, because it must not open a cleared one again."""
    if situation.incident is Status.OPEN or (situation.fault and situation.incident is Status.CLEARED):
        return Decision.ATTACHED
    if not situation.fault:
        return Decision.NOT_A_FAULT
    if not situation.in_service:
        return Decision.NOT_IN_SERVICE
    if not situation.proactive:
        return Decision.NOT_PROACTIVE
    if situation.our_work:
        return Decision.OUR_WORK
    if situation.hub is Hub.NOT_UP:
        return Decision.DEPENDENT
    if situation.hub is Hub.NOT_ASKED_SINCE:
        return Decision.HELD
    return Decision.OPENED
