"""What spokesman.toml writes into a router's configuration has a form that cannot be read as something else."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from inventory.settings import Settings, SnmpV3Credentials

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


V3 = {"kind": "snmp-v3", "username": "monitor", "auth": "env:AUTH", "priv": "env:PRIV"}
WEAK = [
    ({"auth_protocol": "md5"}, "MD5"),
    ({"priv_protocol": "des"}, "DES"),
    ({"priv": None}, "no priv"),
    ({"auth": None, "priv": None}, "no auth, no priv"),
]


@pytest.mark.parametrize("auth", ["sha", "sha224", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("priv", ["aes128", "aes192", "aes256", "aes192-blumenthal", "aes256-blumenthal"])
def test_an_snmp_user_may_have_every_algorithm_that_nobody_breaks(auth: str, priv: str) -> None:
    user = SnmpV3Credentials.model_validate({**V3, "auth_protocol": auth, "priv_protocol": priv})
    assert user.weaknesses == ()


@pytest.mark.parametrize(("weak", "words"), WEAK)
def test_a_weak_snmp_user_has_to_be_called_weak(weak: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=rf"is a weak SNMPv3 user \({words}\)") as refused:
        SnmpV3Credentials.model_validate({**V3, **weak})
    assert "weak_security = true" in refused.value.errors()[0]["ctx"]["remedy"]
    assert SnmpV3Credentials.model_validate({**V3, **weak, "weak_security": True}).weaknesses == tuple(
        words.split(", ")
    )


def test_what_is_not_authenticated_is_not_encrypted() -> None:
    with pytest.raises(ValidationError, match="has priv without auth"):
        SnmpV3Credentials.model_validate({**V3, "auth": None, "weak_security": True})
