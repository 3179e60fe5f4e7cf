"""Who may do what: the table of operations and roles, and what of the network a token lets its holder see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request

from agent.api.guards.asgi import notes_of
from agent.api.problems import Reason, Refusal
from agent.app.app import App
from agent.app.serving import Serving
from agent.app.watching import Watching
from agent.tokens import Role, Token
from inventory import Inventory

_ALL = frozenset(Role)
_STAFF = frozenset({Role.ENGINEER, Role.OPERATOR})
_READERS = _STAFF | {Role.AUTOMATION}
_ENGINEER = frozenset({Role.ENGINEER})

#: Which roles may do which operation, by its id in OpenAPI; what is not here, nobody may do.
MAY: Mapping[str, frozenset[Role]] = {
    "getToken": _ALL,
    "getOpenApi": _ALL,
    "listCustomers": _ALL,
    "getCustomer": _ALL,
    "listSites": _ALL,
    "getSite": _ALL,
    "listRouters": _ALL,
    "getRouter": _ALL,
    "listLyncServers": _ALL,
    "getLyncServer": _ALL,
    "listPlans": _READERS,
    "getPlan": _READERS,
    "makePlan": _ENGINEER,
    "listArchivedRouters": _READERS,
    "listVersions": _READERS,
    "getVersion": _READERS,
    "compareVersions": _READERS,
    "getStatus": _ALL,
    "listServerStates": _ALL,
    "listAlarms": _ALL,
    "listIncidents": _ALL,
    "getIncident": _ALL,
    "contactIncident": _STAFF,
    "confirmIncident": _STAFF,
    "reopenIncident": _STAFF,
    "clearIncident": _STAFF,
    "listRequestKinds": _ALL,
    "submitRequest": frozenset({Role.ENGINEER, Role.AUTOMATION, Role.CUSTOMER}),
    "listRequests": _ALL,
    "getRequest": _ALL,
    "approveRequest": _STAFF,
    "cancelRequest": _STAFF,
    "listEvents": _STAFF,
}
#: Operations about everything at once: not for a token that is limited to a customer.
UNLIMITED = frozenset({"listEvents"})


@dataclass(frozen=True)
class Work:
    """What one request works with: its token, and the workspace through the eyes of its holder."""

    token: Token
    serving: Serving

    @property
    def who(self) -> str:
        """As the audit names the holder."""
        return self.token.who

    @property
    def whole(self) -> bool:
        """Whether everything may be seen."""
        return not self.token.customer

    @property
    def staff(self) -> bool:
        """Whether the holder belongs to those who run the service, and sees how they reach devices."""
        return self.token.role is not Role.CUSTOMER

    def app(self) -> App:
        """The workspace with its present inventory; raises where that cannot be used."""
        return self.serving.app(self.who)

    def history(self) -> App:
        """The workspace for what was; works while the inventory cannot be used."""
        return self.serving.history(self.who)

    def watching(self) -> Watching:
        """What is watched, for what was."""
        return Watching(self.history())

    @cached_property
    def places(self) -> tuple[str, tuple[str, ...]] | None:
        """The customer and the sites that the token is limited to; None: it is not."""
        return (self.token.customer, self.token.sites) if self.token.customer else None

    @cached_property
    def _known(self) -> Inventory:
        return self.serving.last_good()

    @cached_property
    def subjects(self) -> frozenset[str]:
        """The routers and servers that may be seen, by the last good inventory."""
        inventory = self._known
        routers = {view.router.name for view in inventory.sites() if self.sees(view.key)}
        return frozenset(routers | {view.name for view in inventory.servers() if self.sees(view.site.key)})

    def sees(self, site: str) -> bool:
        """Whether a site (``customer/site``) may be seen."""
        customer, _, name = site.partition("/")
        return self.token.may_see(customer, name)

    def sees_subject(self, name: str) -> bool:
        """Whether a router or server may be seen."""
        return self.whole or name in self.subjects

    def veiled(self, text: str) -> str:
        """``text`` as the holder may read it: others' devices and the ways to reach devices are not named."""
        if (self.whole and self.staff) or not text:
            return text
        return self._hidden.sub("(not shown)", text)

    @cached_property
    def _hidden(self) -> re.Pattern[str]:
        """What a text must not name for this holder."""
        words: set[str] = set()
        for view in self._known.sites():
            if not self.staff:
                words.add(str(view.router.management.address))
            if not self.sees(view.key):
                words |= {view.router.name, view.key, str(view.router.management.address)}
            if view.customer.customer != self.token.customer and not self.whole:
                words |= {view.customer.customer, view.customer.name}
        for server in self._known.servers():
            if not self.sees(server.site.key):
                words |= {server.name, str(server.server.address)}
        ordered = sorted(words, key=len, reverse=True)
        return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, ordered))})(?![\w-])" if ordered else r"(?!)")


def operation_id(request: Request) -> str:
    """The operation as OpenAPI names it."""
    return str(getattr(request.scope["route"], "operation_id", ""))


def authorised(request: Request) -> Work:
    """The request's work, for who may do the operation; Refusal (403) for others, (422) for unknown parameters."""
    token = notes_of(request.scope).token
    operation = operation_id(request)
    if token is None or token.role not in MAY.get(operation, frozenset()):
        role = token.role if token else "of nobody"
        raise Refusal(HTTPStatus.FORBIDDEN, f"the role {role} may not do {operation}", "use a token of another role")
    if token.customer and operation in UNLIMITED:
        raise Refusal(
            HTTPStatus.FORBIDDEN, f"a token that is limited to a customer may not do {operation}", "use another token"
        )
    _refuse_unknown(request)
    return Work(token, request.app.state.serving)


def _refuse_unknown(request: Request) -> None:
    """A parameter that is misspelt or given twice must not be ignored."""
    known = request.app.state.parameters.get(operation_id(request), frozenset())
    names = [name for name, _ in request.query_params.multi_items()]
    reasons = [
        Reason(
            where=name[:60], message="is no parameter of this operation", remedy=f"known: {', '.join(sorted(known))}"
        )
        for name in sorted(set(names) - known)
    ]
    reasons += [
        Reason(where=name, message="is given twice") for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if len(request.headers.getlist("idempotency-key")) > 1:
        reasons.append(Reason(where="Idempotency-Key", message="is given twice"))
    if reasons:
        text = f"{len(reasons)} parameter is not valid" if len(reasons) == 1 else f"{len(reasons)} are not valid"
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, text, "see the reasons", reasons=tuple(reasons[:20]))


Worker = Annotated[Work, Depends(authorised)]
