"""The base model and the small types that inventory fields share: strict, and with errors in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from inventory.described import Described


class Model(Described):
    """A frozen record; an unknown key is an error, and nothing is converted silently."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )


def refusal(message: str, remedy: str = "") -> PydanticCustomError:
    """A validation error in our own words; they never hold the refused value of a secret."""
    return PydanticCustomError("plain", "{message}", {"message": message, "remedy": remedy})


@dataclass(frozen=True, slots=True)
class Form:
    """What a text must look like: a pattern for machines, ``words`` for people.

    The words say what it is and, after a colon, how to write it. The refused text is not repeated.
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": self.pattern, "description": self.words[:1].upper() + self.words[1:]}

    def check(self, text: str) -> str:
        """The text itself; raises a refusal that says the form."""
        if not re.fullmatch(self.pattern.removeprefix("^").removesuffix("$"), text):
            what, _, how = self.words.partition(": ")
            raise refusal(f"must be {what}", f"write {how}")
        return text


def _address(value: object) -> object:
    """An address from text only: a bare number would pass for one otherwise."""
    if isinstance(value, IPv4Address):
        return value
    try:
        return IPv4Address(value if isinstance(value, str) else "")
    except AddressValueError:
        raise refusal("must be an IPv4 address", "write it like 10.254.0.11, without a prefix length") from None


def _network(value: object) -> object:
    """A network from text with a prefix length and no host bits."""
    if isinstance(value, IPv4Network):
        return value
    text = value if isinstance(value, str) and "/" in value else ""
    try:
        return IPv4Network(text)
    except ValueError:
        pass
    try:
        meant = IPv4Network(text, strict=False)
    except ValueError:
        raise refusal("must be an IPv4 network with its prefix length", "write it like 10.10.8.0/22") from None
    raise refusal(f"is an address inside {meant}, not a network", f"write {meant}")


def _interface(value: object) -> object:
    """An interface address from text with a prefix length."""
    if isinstance(value, IPv4Interface):
        return value
    try:
        return IPv4Interface(value if isinstance(value, str) and "/" in value else "")
    except ValueError:
        raise refusal("must be an IPv4 address with its prefix length", "write it like 198.51.100.10/29") from None


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        raise refusal("must be a date", "write it as year-month-day: 2026-11-30") from None


def _access_address(value: object) -> object:
    if value == "dhcp":
        return value
    try:
        return _interface(value)
    except PydanticCustomError:
        raise refusal(
            "must be dhcp or an IPv4 address with its prefix length", "write it like 198.51.100.10/29"
        ) from None


def _vlan(value: int) -> int:
    if 1002 <= value <= 1005:
        raise refusal("is a VLAN that switches reserve, 1002 to 1005", "use another one")
    return value


def as_text(value: object) -> object:
    """A release such as 2013 is a name, also where YAML reads a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_OCTETS = r"^\d{1,3}(\.\d{1,3}){3}"


def _described(pattern: str, words: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "description": words})


Address = Annotated[IPv4Address, BeforeValidator(_address), _described(f"{_OCTETS}$", "An IPv4 address")]
Network = Annotated[
    IPv4Network, BeforeValidator(_network), _described(rf"{_OCTETS}/\d{{1,2}}$", "An IPv4 network, as 10.10.8.0/22")
]
#: An address with the prefix length of its network.
InterfaceAddress = Annotated[
    IPv4Interface,
    BeforeValidator(_interface),
    _described(rf"{_OCTETS}/\d{{1,2}}$", "An IPv4 address with its prefix length, as 198.51.100.10/29"),
]
#: The same, or the word dhcp.
AccessAddress = Annotated[
    IPv4Interface | Literal["dhcp"],
    BeforeValidator(_access_address),
    _described(rf"^dhcp$|{_OCTETS}/\d{{1,2}}$", "dhcp, or an IPv4 address with its prefix length"),
]
Day = Annotated[date, BeforeValidator(_day), _described(r"^\d{4}-\d\d-\d\d$", "A date: year-month-day")]
#: True or false, never a word that looks like one.
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Positive = Annotated[int, Strict(), Field(gt=0, le=1_000_000_000)]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
#: VLANs 1002 to 1005 are reserved on switches (they were token ring's and FDDI's): nobody can be given one.
VlanId = Annotated[int, Strict(), Field(ge=2, le=4094), AfterValidator(_vlan)]

_KEY = r"^[a-z][a-z0-9-]{0,30}$"
_KEY_WORDS = "lower-case letters, digits and hyphens, a letter first, at most 31 characters"
#: A device's host name: what every platform accepts and a file name can carry.
HostName = Annotated[
    str,
    Form(
        r"^[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$", "a host name: letters, digits and hyphens, a letter first, 2 to 63"
    ),
]
#: A key of the inventory (customer, site, VPN, pool): lower case, so that no two differ by case only.
Name = Annotated[str, Form(_KEY, f"a name: {_KEY_WORDS}")]
#: A secret is named, never written: env:NAME, file:PATH, keyring:SERVICE/USER, or an entry of [secrets].
SecretRef = Annotated[
    str,
    Form(
        r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^\s]+|keyring:[^\s/]+/[^\s]+|[a-z][a-z0-9-]*)$",
        "a reference to a secret, never the secret itself: "
        "env:NAME, file:PATH, keyring:SERVICE/USER or an entry of [secrets]",
    ),
]
#: A name of an entry in spokesman.toml's [credentials].
CredentialName = Annotated[str, Form(_KEY, f"the name of an entry of [credentials]: {_KEY_WORDS}")]
#: HH:MM, 24 hours, in the customer's time zone.
TimeOfDay = Annotated[str, Form(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "a time of day: 00:00 to 23:59, in quotes")]
#: An interface by its full name; which names a platform has, inventory.platforms knows.
InterfaceName = Annotated[
    str,
    Form(
        r"^[A-Za-z][A-Za-z0-9]{1,25}(/\d{1,2}){0,3}$",
        "an Ethernet interface: its full name, as GigabitEthernet0/0/0 or eth0",
    ),
]
#: A router model by its product number.
ModelName = Annotated[str, Form(r"^[A-Za-z0-9][A-Za-z0-9/-]{1,29}$", "a model: its product number, as C1111-8P")]
#: Text that goes to a device as one line: printable, without the characters that some platform treats apart.
Line = Annotated[
    str,
    Form(r"^(?!.*[?^])[ -~]{1,120}$", "one line of plain text: 1 to 120 printable ASCII characters, without ? and ^"),
]
#: A mail address.
Email = Annotated[str, Form(r"^[^@\s]{1,64}@[A-Za-z0-9.-]{1,190}$", "a mail address: NAME@DOMAIN, as noc@acme.example")]
#: A DSCP by its name.
Dscp = Annotated[
    str,
    Form(r"^(default|ef|cs[1-7]|af[1-4][1-3])$", "the name of a DSCP: default, ef, cs1 to cs7, or af11 to af43"),
]
