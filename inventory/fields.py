"""The base model and the small types that inventory fields share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """A frozen record; an unknown key is an error, and nothing is converted silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


#: A device's host name: what IOS accepts and a file name can carry.
HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$")]
#: A key of the inventory (customer, site, VPN, pool): lower case, so that no two differ by case only.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
#: A secret is named, never written: env:NAME, file:PATH, keyring:SERVICE/USER, or an entry of [secrets].
SecretRef = Annotated[
    str, StringConstraints(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^\s]+|keyring:[^\s/]+/[^\s]+|[a-z][a-z0-9-]*)$")
]
#: A name of an entry in spokesman.toml's [credentials].
CredentialName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
#: HH:MM, 24 hours, in the customer's time zone.
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
#: An interface by its full name: GigabitEthernet0/0/0, never Gi0/0/0.
InterfaceName = Annotated[
    str,
    StringConstraints(pattern=r"^(FastEthernet|GigabitEthernet|TenGigabitEthernet|TwoGigabitEthernet)\d+(/\d+){0,3}$"),
]
#: Text that goes to a device as one line: printable, without the characters IOS treats apart.
Line = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,120}$")]
