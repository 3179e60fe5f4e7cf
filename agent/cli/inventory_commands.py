"""spokesman inventory: check, show, schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from agent.cli.command import Json, speaking, workspace_of
from agent.cli.output import Output
from inventory import Inventory, Severity, SiteView, load_workspace
from inventory.schema import customer_schema, settings_schema

inventory_commands = typer.Typer(
    no_args_is_help=True, add_completion=False, help="What is managed, and whether it may be."
)


class SchemaOf(StrEnum):
    """The two kinds of file an editor can check."""

    CUSTOMER = "customer"
    SETTINGS = "settings"


@inventory_commands.command()
def check(context: typer.Context, as_json: Json = False) -> None:
    """Read the whole inventory and apply every rule; all problems are told at once."""
    with speaking(as_json) as output:
        inventory = load_workspace(workspace_of(context))
        tell_warnings(output, inventory)
        sites = list(inventory.sites())
        servers = sum(len(customer.lync.servers) for customer in inventory.customers.values())
        output.say(
            f"The inventory is good: {_count(len(inventory.customers), 'customer')}, {_count(len(sites), 'site')}, "
            f"{_count(servers, 'Lync server')}, {_count(len(inventory.warnings), 'warning')}."
        )
        output.result(
            {
                "customers": len(inventory.customers),
                "sites": len(sites),
                "lync_servers": servers,
                "warnings": inventory.warnings,
                "digest": inventory.digest,
            }
        )


@inventory_commands.command()
def show(
    context: typer.Context,
    site: Annotated[str, typer.Argument(help="One site; all without.")] = "",
    as_json: Json = False,
) -> None:
    """Show the sites, their routers and VPNs, or everything about one site."""
    with speaking(as_json) as output:
        inventory = load_workspace(workspace_of(context))
        if site:
            view = inventory.site(site)
            _show_site(output, view)
            return
        views = list(inventory.sites())
        output.table(
            ("site", "router", "model", "management", "VPNs", "proactive"),
            [(view.key, view.router.name, view.router.model, view.router.management.address,
              ", ".join(f"{name}{' (hub)' if view.is_hub(name) else ''}" for name in view.vpns),
              view.site.options.proactive_monitoring) for view in views],
            empty="No site is managed yet: add customers/<name>.yaml.",
        )  # fmt: skip
        output.result({view.key: view.site for view in views})


@inventory_commands.command()
def schema(of: Annotated[SchemaOf, typer.Argument()] = SchemaOf.CUSTOMER) -> None:
    """Print the JSON Schema of a customer file, or of spokesman.toml, for editors."""
    with speaking(as_json=True) as output:
        output.result(customer_schema() if of is SchemaOf.CUSTOMER else settings_schema())


def tell_warnings(output: Output, inventory: Inventory) -> None:
    """Warnings go to stderr, so that a result stays a result."""
    for problem in inventory.warnings:
        if problem.severity is Severity.WARNING and not output.as_json:
            output.note(f"warning: {problem}")


def _show_site(output: Output, view: SiteView) -> None:
    site = view.site
    rows: list[tuple[str, object]] = [
        ("site", view.key),
        ("router", f"{view.router.name} ({view.router.model}, {view.router.platform} {view.router.release})"),
        ("serial", view.router.serial),
        ("management", view.router.management.address),
        ("access", f"{site.access.provided_by}, {site.access.interface}, {site.access.address}"),
        ("service management", site.service_management),
        ("orders", ", ".join(f"{order.reference} ({order.status})" for order in site.orders)),
    ]
    for name in view.vpns:
        lans = ", ".join(f"{lan.address} in VLAN {lan.vlan}" for lan in site.lans.get(name, ()))
        role = "hub" if view.is_hub(name) else "spoke"
        rows.append((f"VPN {name}", f"{role}, tunnel {site.tunnels[name]}, LAN {lans or '-'}"))
    output.table(("", ""), rows)
    output.result({view.key: site})


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
