"""What the API answers where it cannot do what was asked: one form for all [RFC 9457], and who is told how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from fastapi.responses import JSONResponse
from pydantic import Field

from agent.api.views.common import View
from agent.errors import (
    AgentError,
    ArchiveDamaged,
    ConfigurationProblem,
    DeviceError,
    HostKeyRefused,
    Refused,
    WrongDevice,
)
from device_templates.errors import SecretUnusable, TemplatesError
from inventory import InventoryError, UnknownName

MEDIA_TYPE = "application/problem+json"


class Reason(View):
    """One of several reasons."""

    where: str = ""
    """The file, field or parameter that it is about; empty: the request as a whole."""
    message: str
    """What is wrong there."""
    rule: str = ""
    """The rule that says so, where there is one."""
    remedy: str = ""
    """What to do."""


class Problem(View):
    """Why a request was not done, and what to do about it [RFC 9457]."""

    type: str = "about:blank"
    """Always about:blank: the status says what kind of problem it is."""
    title: str
    """The kind of problem, the same for the same status."""
    status: Annotated[int, Field(ge=400, le=599)]
    """The HTTP status again."""
    detail: str
    """What is wrong, in words."""
    remedy: str = ""
    """What to do about it; empty: nothing that this client can do."""
    rule: str = ""
    """The rule of the service that refuses it, such as WV-22; empty: none."""
    reasons: tuple[Reason, ...] = ()
    """Each of several reasons: parameters that are wrong, problems of the inventory."""
    instance: str
    """Names this one occurrence; where it was a fault of the service, the log has the same name."""


@dataclass(eq=False)
class Refusal(Exception):
    """A request that is not done: ends as the problem that it describes."""

    status: HTTPStatus
    detail: str
    remedy: str = ""
    rule: str = ""
    reasons: tuple[Reason, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail

    def problem(self, request_id: str) -> Problem:
        """The document that the client gets."""
        return Problem(
            title=TITLES[self.status],
            status=self.status,
            detail=self.detail,
            remedy=self.remedy,
            rule=self.rule,
            reasons=self.reasons,
            instance=f"urn:spokesman:request:{request_id}",
        )

    def response(self, request_id: str) -> JSONResponse:
        """The answer that the client gets."""
        content = self.problem(request_id).model_dump(mode="json")
        return JSONResponse(content, self.status, dict(self.headers), MEDIA_TYPE)


#: The title of each status that the API answers.
TITLES: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read",
    HTTPStatus.UNAUTHORIZED: "No valid token",
    HTTPStatus.FORBIDDEN: "Not allowed for this token",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "Method not allowed",
    HTTPStatus.REQUEST_TIMEOUT: "The request came too slowly",
    HTTPStatus.CONFLICT: "Refused in the present state",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request is not valid",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers are too large",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of the service",
    HTTPStatus.BAD_GATEWAY: "A device could not be used",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not available now",
    HTTPStatus.GATEWAY_TIMEOUT: "Not done in time",
}

#: What a caller who is no engineer or operator is told of an installation that cannot be used.
OWN_FAULT = "the service cannot do this now; its operator has to repair it"


def not_found(what: str, name: str) -> Refusal:
    """What does not exist, and in the same words what this token may not see."""
    return Refusal(HTTPStatus.NOT_FOUND, f"there is no {what} {name!r}", "list what there is")


def refusal_of(error: Exception, *, trusted: bool) -> Refusal | None:
    """The answer to an error of ours; None for one that is not.

    ``trusted`` callers run the service: only they are told of files, devices and other customers.
    """
    if isinstance(error, Refusal):
        return error
    if isinstance(error, UnknownName):
        return Refusal(HTTPStatus.NOT_FOUND, error.problems[0].message, "list what there is")
    if isinstance(error, InventoryError):
        return _inventory_refusal(error, trusted=trusted)
    if isinstance(error, SecretUnusable | ConfigurationProblem):
        return _told(HTTPStatus.SERVICE_UNAVAILABLE, error, trusted=trusted, headers={"Retry-After": "30"})
    if isinstance(error, Refused | TemplatesError):
        return _told(HTTPStatus.CONFLICT, error, trusted=True)
    if isinstance(error, HostKeyRefused | WrongDevice):  # nobody has enrolled what answers there
        return _told(HTTPStatus.CONFLICT, error, trusted=trusted)
    if isinstance(error, DeviceError):
        return _told(HTTPStatus.BAD_GATEWAY, error, trusted=trusted)
    if isinstance(error, ArchiveDamaged | AgentError):
        return _told(HTTPStatus.INTERNAL_SERVER_ERROR, error, trusted=trusted)
    return None


def _told(
    status: HTTPStatus, error: AgentError | TemplatesError, *, trusted: bool, headers: Mapping[str, str] | None = None
) -> Refusal:
    if not trusted:
        return Refusal(status, OWN_FAULT, headers=headers or {})
    rule = str(getattr(error, "rule", ""))
    detail = f"{error.where}: {error.message}" if error.where else error.message
    return Refusal(status, detail, error.remedy, rule, headers=headers or {})


def _inventory_refusal(error: InventoryError, *, trusted: bool) -> Refusal:
    """The inventory on the disk is wrong; what is said of it quotes no value that its own messages do not."""
    reasons = tuple(
        Reason(
            where=f"{one.file}:{one.line} {one.field}".strip(), message=one.message, rule=one.rule, remedy=one.remedy
        )
        for one in error.problems[:50]
        if one.severity == "error"
    )
    return Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the inventory cannot be used until it is repaired" if trusted else OWN_FAULT,
        "spokesman inventory check names every problem" if trusted else "",
        reasons=reasons if trusted else (),
        headers={"Retry-After": "60"},
    )


def example(status: HTTPStatus) -> dict[str, Any]:
    """A problem of this status, for the documentation."""
    return Refusal(status, EXAMPLES.get(status, TITLES[status])).problem("5f1d0c9a3b7e4d20").model_dump(mode="json")


EXAMPLES: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "the body is not JSON: a key occurs twice: 'site'",
    HTTPStatus.UNAUTHORIZED: "the request has no Authorization header",
    HTTPStatus.FORBIDDEN: "the role customer may not do approveRequest",
    HTTPStatus.NOT_FOUND: "there is no router 'acme-lon-r9'",
    HTTPStatus.CONFLICT: "the request does not wait for approval",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is larger than 65536 bytes",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "the body is text/plain",
    HTTPStatus.UNPROCESSABLE_ENTITY: "1 value is not valid",
    HTTPStatus.TOO_MANY_REQUESTS: "this token has sent too many requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "the inventory cannot be used until it is repaired",
}
