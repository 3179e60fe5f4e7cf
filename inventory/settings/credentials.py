"""[credentials.NAME] of spokesman.toml: the logins and SNMP users by which devices are reached."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import Form, Line, Model, SecretRef


class SshCredentials(Model):
    """A login for devices; it lands at privilege 15, because SCP needs that."""

    kind: Literal["ssh"] = "ssh"
    username: Annotated[str, Form(r"^[a-z][a-z0-9_-]{0,30}$", "a login: lower-case letters, digits, _ and -")]
    password: SecretRef


class SnmpV3Credentials(Model):
    """An SNMPv3 user with authentication and privacy."""

    kind: Literal["snmp-v3"]
    username: Annotated[
        str,
        Form(r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$", "an SNMPv3 user: letters, digits, _ and -, no - first, at most 32"),
    ]
    auth_protocol: Literal["sha", "sha256"] = "sha256"
    auth: SecretRef
    priv_protocol: Literal["aes128"] = "aes128"
    priv: SecretRef


class SnmpV2cCredentials(Model):
    """An SNMP v2c community, for devices that have nothing better."""

    kind: Literal["snmp-v2c"]
    community: SecretRef


class WinrmCredentials(Model):
    """A login for WinRM on a Lync server."""

    kind: Literal["winrm"]
    username: Line
    password: SecretRef


Credentials = Annotated[
    SshCredentials | SnmpV3Credentials | SnmpV2cCredentials | WinrmCredentials, Field(discriminator="kind")
]
