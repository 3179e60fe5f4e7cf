"""[platforms] and [reach] of spokesman.toml: what router models have and carry, and how devices are reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.fields import Form, InterfaceName, Line, Model, ModelName, Network, Port, Positive, Whole


class RouterModel(Model):
    """What a router model has and carries: throughput of encrypted traffic in kb/s, tunnels it holds [WV-3]."""

    interfaces: tuple[InterfaceName, ...]
    """Routed ports; one of them faces the internet."""
    switch_ports: tuple[InterfaceName, ...] = ()
    """Ports for customer LANs."""
    encrypted_kbps: Positive
    """Encrypted throughput, both directions together, kb/s."""
    tunnels: Positive
    """How many tunnels it holds."""


class Platform(Model):
    """A platform's facts that a workspace may set."""

    boot_level: Line = "network-advantage addon dna-advantage"
    revert_minutes: Annotated[Whole, Field(ge=1, le=120)] = 5
    """How long a change waits for its confirmation before it reverts."""
    models: dict[ModelName, RouterModel] = Field(default_factory=dict)
    """What the models of routers have and carry, by product number."""


class Nat(Model):
    """1:1 translation between managed addresses and where this machine reaches them; equal prefix lengths.

    ``ports`` maps a device's port to the one that answers, as text keys because TOML has no others.
    """

    managed: Network
    reached: Network
    ports: dict[Annotated[str, Form(r"^[1-9]\d{0,4}$", 'a port as text, such as "22"')], Port] = Field(
        default_factory=dict
    )


class Reach(Model):
    """How this machine reaches devices: translations, and the command that pings (``{address}`` is put in)."""

    nat: tuple[Nat, ...] = ()
    ping: tuple[str, ...] = ("ping", "-n", "-c", "5", "-i", "0.2", "-W", "2", "{address}")
