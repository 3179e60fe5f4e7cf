"""The OpenAPI document is complete: whatever can be asked and answered is described, typed and shown by an example."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest

from agent.api.application import described
from agent.api.document import LINKS, operations

# Made when a test asks for it: each worker of the gate imports this, and one of them runs it.
DOCUMENT = cache(described)
ALWAYS = {"400", "408", "413", "415", "422", "429", "431", "500", "503", "504"}


def found() -> dict[str, tuple[str, dict[str, Any]]]:
    """Paths and operations by the names of these."""
    return {operation["operationId"]: (path, operation) for path, operation in operations(DOCUMENT())}


def schemas() -> dict[str, Any]:
    """The models by name."""
    models: dict[str, Any] = DOCUMENT()["components"]["schemas"]
    return models


def test_an_operation_is_described_in_full(subtests: pytest.Subtests) -> None:
    for name, (path, operation) in found().items():
        with subtests.test(name):
            _described_in_full(name, path, operation)


def _described_in_full(name: str, path: str, operation: dict[str, Any]) -> None:
    assert path.startswith("/v1/")
    assert operation["summary"]
    assert len(operation["description"]) > 20
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT()["tags"]}
    assert operation["security"] == ([] if name == "getHealth" else [{"bearer": []}])
    for parameter in operation.get("parameters", ()):
        assert parameter["description"], parameter
        assert parameter["schema"].get("examples") or parameter["schema"].get("$ref"), parameter


def test_every_answer_is_typed_and_every_refusal_is_a_problem(subtests: pytest.Subtests) -> None:
    for name, (path, operation) in found().items():
        with subtests.test(name):
            _typed(name, path, operation)


def _typed(name: str, path: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    assert set(answers) >= ALWAYS
    assert ("401" in answers) == (name != "getHealth")
    assert ("404" in answers) == ("{" in path or "requestBody" in operation)
    for status, answer in answers.items():
        (kind, content), *more = answer["content"].items()
        assert not more
        assert kind == ("application/json" if status < "300" else "application/problem+json")
        assert content["schema"]
        if status >= "400":
            jsonschema.validate(content["example"], {**schemas()["Problem"], "components": DOCUMENT()["components"]})
            assert content["example"]["status"] == int(status)


def test_a_model_is_closed_described_and_its_examples_are_valid(subtests: pytest.Subtests) -> None:
    for name, schema in schemas().items():
        with subtests.test(name):
            if schema.get("type") == "object":
                assert schema.get("additionalProperties") is (name == "Whatever"), "an unknown key would be ignored"
                assert schema.get("description"), name
                for example in schema.get("examples", ()):
                    jsonschema.validate(example, {**schema, "components": DOCUMENT()["components"]})


def test_every_body_and_every_list_has_bounds_and_an_example() -> None:
    for name, (_, operation) in found().items():
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "limit":
                assert (parameter["schema"]["minimum"], parameter["schema"]["maximum"]) == (1, 200), name
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        for one in body.get("oneOf", [body]) if body else []:
            assert schemas()[one["$ref"].rpartition("/")[2]]["examples"], name


def test_links_lead_to_operations_with_their_parameters() -> None:
    known_ones = found()
    for name, links in LINKS.items():
        assert name in known_ones
        for status, _, target, values in links:
            assert status in known_ones[name][1]["responses"]
            known = {one["name"] for one in known_ones[target][1]["parameters"]}
            assert set(values) <= known, target


def test_references_all_lead_somewhere() -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for one in value.values():
                yield from references(one)
        elif isinstance(value, list):
            for one in value:
                yield from references(one)

    leading = set(references(DOCUMENT()))
    assert leading
    assert all(one.removeprefix("#/components/schemas/") in schemas() for one in leading)
