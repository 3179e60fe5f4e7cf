"""Every combination of the options, rendered once."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from device_templates.cisco_iosxe.rendering import render as rendering
from device_templates.texts import Rendered
from inventory import Inventory, Secret
from tests.unit.templates.iosxe_options.orders import ACCESSES, EVERYTHING, certified_too, ordered

SUBSETS = [those for count in range(4) for those in itertools.combinations(EVERYTHING, count)]


def _unhashed(patch: pytest.MonkeyPatch) -> None:
    """Logins' passwords take long to hash, and nothing here asks for them."""
    patch.setattr(rendering, "type9", rendering._not_hashed)


@pytest.fixture(autouse=True)
def unhashed(monkeypatch: pytest.MonkeyPatch) -> None:
    _unhashed(monkeypatch)


@pytest.fixture(scope="session")
def every(
    inventory: Inventory, certified: Inventory, secret: Callable[[str], Secret]
) -> list[tuple[tuple[str, ...], str, Rendered]]:
    """Hub and spoke, with keys and with certificates, over each kind of access, with options alone and together."""
    with pytest.MonkeyPatch.context() as patch:
        _unhashed(patch)
        return [
            (orders, access, rendering.render(*ordered(ground, site, orders, access), secret))
            for orders, access in itertools.product(SUBSETS, ACCESSES)
            for ground in (inventory, certified_too(inventory, certified))
            for site in (("london", "york") if access == "static" else ("york",))
        ]
