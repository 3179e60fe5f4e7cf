"""The API as OpenAPI describes it: what FastAPI finds in the code, and what the guards do to every request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import compile_path

from agent.api.caller import MAY, UNLIMITED
from agent.api.guards.entry import PUBLIC
from agent.api.problems import MEDIA_TYPE, TITLES, Problem, example
from agent.tokens import Role

VERSION = "1"
TITLE = "Spokesman"
DESCRIPTION = """\
The HTTP API of Spokesman: what is managed, its state, alarms and incidents, plans and archived configurations with
their secrets hidden, and simple service requests.

Every request names a token: `Authorization: Bearer spk_...`. What a token may not see does not exist for it (404); what
its role may not do is refused (403). Every write, and every refused one, is in the audit. What is not done is answered
as a problem [RFC 9457] that says what is wrong and what to do.

Lists come a page at a time, in a fixed order: `next_cursor` of one page is `cursor` for the one that follows. All
moments are in UTC. A parameter, key or method that is not described here is refused.
"""
TAGS = (
    ("inventory", "What is managed: customers, sites, routers and Lync servers."),
    ("plans", "What provisioning a site would change; nothing here changes a device."),
    ("archive", "Archived configurations, their secrets hidden."),
    ("watching", "The state of the network, and alarms."),
    ("incidents", "What is wrong, what was found, and what people say about it."),
    ("requests", "Simple service requests: predefined changes that do not change recurring charges."),
    ("service", "The service about itself: audit, token, this document."),
)
SCHEME = "bearer"
METHODS = ("get", "post", "put", "patch", "delete")

#: What can happen to any request, to one with parameters or a body, and to one that changes something.
ALWAYS = (
    HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)  # fmt: skip
#: Operations that read devices.
DEVICES = frozenset({"makePlan"})
#: Operations that are refused for what their objects are in.
STATEFUL = frozenset(
    {"makePlan", "getPlan", "contactIncident", "confirmIncident", "reopenIncident", "clearIncident", "submitRequest",
     "approveRequest", "cancelRequest"}
)  # fmt: skip
#: Operations on one customer or site that is named in the body.
NAMING = frozenset({"makePlan", "submitRequest"})

#: Where a client goes on from what an answer holds: operation -> (status, link, operation, parameters).
LINKS: Mapping[str, tuple[tuple[str, str, str, Mapping[str, str]], ...]] = {
    "listCustomers": (("200", "first", "getCustomer", {"customer": "$response.body#/items/0/customer"}),),
    "listSites": (
        ("200", "first", "getSite",
         {"customer": "$response.body#/items/0/customer", "site": "$response.body#/items/0/name"}),
    ),
    "listRouters": (("200", "first", "getRouter", {"router": "$response.body#/items/0/router"}),),
    "listLyncServers": (("200", "first", "getLyncServer", {"server": "$response.body#/items/0/server"}),),
    "listPlans": (("200", "first", "getPlan", {"plan": "$response.body#/items/0/plan"}),),
    "makePlan": (("201", "plan", "getPlan", {"plan": "$response.body#/plan"}),),
    "listArchivedRouters": (("200", "first", "listVersions", {"router": "$response.body#/items/0/router"}),),
    "listVersions": (
        ("200", "first", "getVersion",
         {"router": "$response.body#/items/0/router", "version": "$response.body#/items/0/version"}),
        ("200", "itself", "compareVersions",
         {"router": "$response.body#/items/0/router", "older": "$response.body#/items/0/version",
          "newer": "$response.body#/items/0/version"}),
    ),
    "listIncidents": (
        ("200", "first", "getIncident", {"incident": "$response.body#/items/0/incident"}),
        ("200", "contact", "contactIncident", {"incident": "$response.body#/items/0/incident"}),
        ("200", "confirm", "confirmIncident", {"incident": "$response.body#/items/0/incident"}),
        ("200", "reopen", "reopenIncident", {"incident": "$response.body#/items/0/incident"}),
        ("200", "clear", "clearIncident", {"incident": "$response.body#/items/0/incident"}),
    ),
    "submitRequest": (
        ("201", "request", "getRequest", {"request": "$response.body#/request"}),
        ("201", "approve", "approveRequest", {"request": "$response.body#/request"}),
        ("201", "cancel", "cancelRequest", {"request": "$response.body#/request"}),
    ),
    "listRequests": (("200", "first", "getRequest", {"request": "$response.body#/items/0/request"}),),
}  # fmt: skip


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``: complete in what can be answered."""
    document: dict[str, Any] = get_openapi(
        title=TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS],
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for schema in schemas.values():
        for shown in schema.get("examples", ()):
            _put_nulls_back(shown, schema, schemas)
    document["components"]["securitySchemes"] = {
        SCHEME: {"type": "http", "scheme": "bearer", "description": "A token that `spokesman token add` made."}
    }
    document["servers"] = [{"url": "/"}]
    for path, operation in operations(document):
        _complete(path, operation)
    return document


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation with its path."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, item[method]


def parameters(document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The names of the query parameters of each operation."""
    return {
        operation["operationId"]: frozenset(
            one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
        )
        for _, operation in operations(document)
    }


def methods(document: Mapping[str, Any]) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """The form of each path, and its methods."""
    return tuple(
        (compile_path(path)[0], tuple(method.upper() for method in METHODS if method in item))
        for path, item in document["paths"].items()
    )


def _complete(path: str, operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    public = path in PUBLIC
    operation["security"] = [] if public else [{SCHEME: []}]
    operation["responses"].pop("422", None)
    for status in sorted(_failures(path, name, public=public)):
        operation["responses"][str(status.value)] = _problem(status)
    if not public:
        roles = "every role" if MAY[name] == frozenset(Role) else ", ".join(r.value for r in Role if r in MAY[name])
        limit = "; not with a token that is limited to a customer" if name in UNLIMITED else ""
        operation["description"] = f"{operation['description']}\n\nFor: {roles}{limit}."
    for status_code, link, target, values in LINKS.get(name, ()):
        links = operation["responses"][status_code].setdefault("links", {})
        links[link] = {"operationId": target, "parameters": dict(values)}


def _put_nulls_back(example: dict[str, Any], schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
    """FastAPI leaves nulls out of the whole document, and so out of examples that need them."""
    for name, form in schema.get("properties", {}).items():
        if name not in example and name in schema.get("required", ()) and {"type": "null"} in form.get("anyOf", ()):
            example[name] = None
        reference = form.get("items", {}).get("$ref", "")
        if reference:
            for item in example.get(name, ()):
                _put_nulls_back(item, schemas[reference.rpartition("/")[2]], schemas)


def _failures(path: str, name: str, *, public: bool) -> set[HTTPStatus]:
    found = set(ALWAYS)
    if not public:
        found.add(HTTPStatus.UNAUTHORIZED)
        if MAY[name] != frozenset(Role) or name in UNLIMITED:
            found.add(HTTPStatus.FORBIDDEN)
    if "{" in path or name in NAMING:
        found.add(HTTPStatus.NOT_FOUND)
    if name in STATEFUL:
        found.add(HTTPStatus.CONFLICT)
    if name in DEVICES:
        found.add(HTTPStatus.BAD_GATEWAY)
    return found


def _problem(status: HTTPStatus) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example(status)}},
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    if status is HTTPStatus.UNAUTHORIZED:
        answer["headers"] = {
            "WWW-Authenticate": {"description": "Asks for a bearer token.", "schema": {"type": "string"}}
        }
    return answer
