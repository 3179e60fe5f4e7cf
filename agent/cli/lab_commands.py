"""spokesman lab: virtual routers to try things on."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.command import REFUSED, Json, fail, speaking, workspace_of
from agent.cli.output import Output
from agent.config import Paths, secrets_of
from agent.errors import Refused
from agent.lab.control import DeviceStatus, LabClient, ServerStatus

lab_commands = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Virtual routers over real SSH, SCP and SNMP."
)

Router = Annotated[str, typer.Argument(help="The router's (or Lync server's) name in the inventory.")]
Fault = Annotated[
    str,
    typer.Argument(
        help="access, provider, power, reload, management, loss, delay, ssh, key, certificate, primary, "
        "primary-access or cpu; of a Lync server service, web, sip, storage, cpu, certificate, clock or power."
    ),
]
Speed = Annotated[float, typer.Option(help="Lab seconds that pass in one real second.", min=0.1, max=1000)]


def _client(context: typer.Context) -> LabClient:
    return LabClient(Paths(workspace_of(context)).lab)


@lab_commands.command()
def up(context: typer.Context, speed: Speed = 1.0, as_json: Json = False) -> None:
    """Start one blank virtual router for each router of the inventory."""
    with speaking(as_json) as output:
        from agent.app.lab import lab_spec  # the other commands only talk to the lab's process
        from inventory import load_workspace

        root = workspace_of(context)
        inventory = load_workspace(root)
        spec = lab_spec(inventory, secrets_of(root, inventory.settings), speed)
        client = LabClient(Paths(root).lab)
        _show(output, client.up(spec))
        _show_servers(output, client.servers())


@lab_commands.command()
def down(context: typer.Context, as_json: Json = False) -> None:
    """End the lab; its routers keep what they saved."""
    with speaking(as_json) as output:
        _client(context).down()
        output.say("The lab is down.")
        output.result({"running": False})


@lab_commands.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Show the routers, how they are reached, and their tunnels."""
    with speaking(as_json) as output:
        client = _client(context)
        _show(output, client.status())
        _show_servers(output, client.servers())


@lab_commands.command(name="break")
def break_(
    context: typer.Context,
    router: Router,
    what: Fault,
    value: Annotated[
        float | None,
        typer.Option(
            help="Percent for loss, cpu and storage, ms for delay, days left of a server's certificate, s of its clock."
        ),
    ] = None,
    vpn: Annotated[str, typer.Option(help="Whose key or certificate: a VPN by its VRF. Without it, the first.")] = "",
    as_json: Json = False,
) -> None:
    """Cut an access, lose packets, hang SSH, mismatch a key, power a router off."""
    with speaking(as_json) as output:
        client = _client(context)
        client.break_(router, what, value, vpn)
        output.say(f"{router}: {what} is broken now.")
        output.result({"router": router, "broken": what, "value": value, "vpn": vpn})


@lab_commands.command()
def repair(
    context: typer.Context,
    router: Router,
    what: Annotated[str, typer.Argument(help="One fault; without it, all.")] = "",
    as_json: Json = False,
) -> None:
    """Undo what was broken; a router without power boots."""
    with speaking(as_json) as output:
        _client(context).repair(router, what)
        output.say(f"{router}: repaired.")
        output.result({"router": router})


@lab_commands.command()
def replace(
    context: typer.Context,
    router: Router,
    serial: Annotated[str, typer.Option(help="The new router's serial number.")],
    as_json: Json = False,
) -> None:
    """Put a blank router in its place: new serial and host key, no configuration, no users."""
    with speaking(as_json) as output:
        _client(context).replace(router, serial)
        output.say(f"{router}: a blank router {serial} stands in its place.")
        output.result({"router": router, "serial": serial})


@lab_commands.command()
def paste(
    context: typer.Context,
    router: Router,
    file: Annotated[Path, typer.Argument(help="The text; - for standard input.")],
    as_json: Json = False,
) -> None:
    """Paste text at the router's console, as a field engineer does."""
    with speaking(as_json) as output:
        pasted = _client(context).paste(router, _text(file))
        for rejected in pasted.rejected:
            output.say(f"line {rejected.number}: {rejected.line}: {rejected.answer}", style="red")
        what = "it restarts" if pasted.restarting else "it took every line"
        output.say(f"{router}: {f'{len(pasted.rejected)} lines were rejected' if pasted.rejected else what}.")
        output.result(pasted)
        if pasted.rejected:
            fail(REFUSED)


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Refused(f"the text cannot be read: {reason}", where=str(file)) from None


def _show(output: Output, devices: tuple[DeviceStatus, ...]) -> None:
    output.table(
        ("router", "calls itself", "serial", "state", "management", "SSH", "SNMP"),
        [(device.name, device.hostname, device.serial, _state(device), device.management, device.ssh, device.snmp)
         for device in devices],
    )  # fmt: skip
    tunnels = [(device.name, tunnel.interface, tunnel.peer, "up" if tunnel.up else "down", tunnel.reason)
               for device in devices for tunnel in device.tunnels]  # fmt: skip
    if tunnels:
        output.say()
        output.table(("router", "tunnel", "peer", "state", "reason"), tunnels)
    output.result([{**asdict(device), "reachable": device.reachable} for device in devices])


def _show_servers(output: Output, servers: tuple[ServerStatus, ...]) -> None:
    """The Lync servers, where there are any: each is found only while its site's router carries the way to it."""
    if not servers:
        return
    output.say()
    output.table(
        ("Lync server", "full name", "state", "found at", "services"),
        [(server.name, server.fqdn, _server_state(server), server.listen, len(server.services)) for server in servers],
    )


def _server_state(server: ServerStatus) -> str:
    if not server.powered:
        return "off"
    return ", ".join(server.broken) or ("up" if server.reachable else "not reached")


def _state(device: DeviceStatus) -> str:
    if not device.powered:
        return "off"
    return ", ".join(device.broken) or ("up" if device.up else "booting")
