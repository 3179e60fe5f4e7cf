"""What spokesman.toml writes into a router's configuration has a form that cannot be read as something else."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from inventory.settings import Settings

FULL = Path(__file__).parent / "workspaces" / "full" / "spokesman.toml"
IDENTITY = ("management_centre", "identity")
DOMAIN = ("management_centre", "domain")
SSH = ("credentials", "fleet", "username")
SNMP = ("credentials", "fleet-v3", "username")


def _settings(path: tuple[str, ...], value: str) -> dict[str, Any]:
    data = copy.deepcopy(tomllib.loads(FULL.read_text()))
    at = data
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *[(IDENTITY, text) for text in ("", "a b", "a}", "a#b", "a{b", 'a"b', "%any", "@centre", "-a", "a,b", "a\nb")],
        *[(IDENTITY, "a" * 121), (IDENTITY, "zentrale.größe.example")],
        *[(DOMAIN, text) for text in ("", "a b", "a}", "a@b", ".a", "-a", "a/b", "a;b", "a\\b", "a" * 121)],
        *[(SSH, "-oProxyCommand"), (SSH, "-a"), (SNMP, "-a"), (SNMP, "-"), (SNMP, "a b"), (SNMP, "a" * 33)],
    ],
)
def test_what_a_router_would_read_otherwise_is_refused(path: tuple[str, ...], value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(_settings(path, value))
    (error,) = refused.value.errors()
    assert ".".join(path) in ".".join(map(str, error["loc"])).replace(".ssh", "").replace(".snmp-v3", "")
    assert error["ctx"]["remedy"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *[(IDENTITY, text) for text in ("centre.managed.example", "centre@managed.example", "203.0.113.1", "c")],
        *[(DOMAIN, text) for text in ("managed.example", "managed", "xn--gre-3ka.example")],
        *[(SSH, "spokes-man"), (SNMP, "_spokes-man"), (SNMP, "a" * 32)],
    ],
)
def test_what_people_write_there_is_accepted(path: tuple[str, ...], value: str) -> None:
    assert Settings.model_validate(_settings(path, value))
