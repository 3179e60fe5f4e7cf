"""[credentials.NAME] of spokesman.toml: the logins and SNMP users by which devices are reached."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from inventory.fields import Flag, Form, Line, Model, SecretRef, refusal

#: What an SNMPv3 user is authenticated and encrypted with. AES-192 and AES-256 need a longer key than some hashes give:
#: routers make it one way, net-snmp another (-blumenthal); where the hash is long enough the two are the same.
AuthProtocol = Literal["sha", "sha224", "sha256", "sha384", "sha512", "md5"]
PrivProtocol = Literal["aes128", "aes192", "aes256", "aes192-blumenthal", "aes256-blumenthal", "des"]


class SshCredentials(Model):
    """A login for devices; it lands at privilege 15, because SCP needs that."""

    kind: Literal["ssh"] = "ssh"
    username: Annotated[str, Form(r"^[a-z][a-z0-9_-]{0,30}$", "a login: lower-case letters, digits, _ and -")]
    password: SecretRef


class SnmpV3Credentials(Model):
    """An SNMPv3 user, with authentication and privacy unless ``weak_security`` lets it have less."""

    kind: Literal["snmp-v3"]
    username: Annotated[
        str,
        Form(r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$", "an SNMPv3 user: letters, digits, _ and -, no - first, at most 32"),
    ]
    auth_protocol: AuthProtocol = "sha256"
    auth: SecretRef | None = None
    """The passphrase that proves who sends."""
    priv_protocol: PrivProtocol = "aes128"
    priv: SecretRef | None = None
    """The passphrase that what is sent is encrypted by."""
    weak_security: Flag = False
    """For a device that has nothing better: MD5, DES, no encryption, or not even authentication. Never for a router."""

    @property
    def weaknesses(self) -> tuple[str, ...]:
        """What anybody on the path can break or read, in words; a user without any is safe."""
        found = [f"no {what}" for what, given in (("auth", self.auth), ("priv", self.priv)) if given is None]
        found += ["MD5"] * (self.auth_protocol == "md5") + ["DES"] * (self.priv_protocol == "des")
        return tuple(found)

    @model_validator(mode="after")
    def _weak_only_where_asked_for(self) -> SnmpV3Credentials:
        if self.priv is not None and self.auth is None:
            raise refusal("has priv without auth: what is not authenticated cannot be encrypted", "add auth")
        if self.weaknesses and not self.weak_security:
            raise refusal(
                f"is a weak SNMPv3 user ({', '.join(self.weaknesses)})",
                "give auth and priv, SHA and AES; or set weak_security = true if the device has nothing better",
            )
        return self


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
