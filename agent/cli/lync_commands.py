"""spokesman lync: record what runs; plan, apply, back up and restore the configuration; count restorations."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.command import REFUSED, UNCERTAIN, Json, app_of, exit_code_of, fail, speaking, who
from agent.cli.output import Output
from agent.errors import AgentError
from agent.monitoring.servers.expected import of_lync

lync_commands = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Configure, back up and restore Lync servers.",
)

Server = Annotated[str, typer.Argument(help="The server's name in the inventory.")]
Why = Annotated[str, typer.Option("--reason", help="The order or request that it is for.")]


@lync_commands.command()
def baseline(context: typer.Context, server: Server, as_json: Json = False) -> None:
    """Record the services that run on a server now: what must run there from now on [LY-3]."""
    from agent.app.watching import Watching

    with speaking(as_json) as output:
        found = Watching(app_of(context)).lync.baseline(server, who())
        expected = of_lync(found.services)
        output.say(f"{server}: {len(found.services)} services run; these {len(expected)} are expected from now on:")
        for name in expected:
            output.say(f"  {name}")
        output.result({"server": server, "at": found.at, "expected": expected, "services": found.services})


@lync_commands.command()
def plan(
    context: typer.Context,
    pool: Annotated[str, typer.Argument(help="customer/pool, the pool's name where it is the only one, or a server.")],
    reason: Why = "",
    script: Annotated[bool, typer.Option("--script", help="Show the PowerShell as well.")] = False,
    as_json: Json = False,
) -> None:
    """Read a pool's settings, show what would change by feature, and store the plan."""
    from agent.app.lync import LyncDesk  # WinRM and all that it stands on; other commands do without

    with speaking(as_json) as output:
        made = LyncDesk(app_of(context, output)).plan(pool, reason)
        output.say(f"Plan {made.id}: {made.customer}/{made.pool}, Lync Server {made.release}, by {made.server}")
        for change in made.changes:
            output.say(f"\n{change.title} [{', '.join(change.clauses)}]", style="bold")
            for line in change.lines:
                output.say(f"  {line}")
        if script:
            output.say(f"\n{made.script}")
        output.say()
        if made.nothing_to_do:
            output.say("Nothing to change.", style="green")
        else:
            output.say(f"Run it: spokesman lync apply --plan {made.id}", style="bold")
        output.result({**made.model_dump(mode="json"), "nothing_to_do": made.nothing_to_do})


@lync_commands.command()
def apply(
    context: typer.Context,
    plan_id: Annotated[str, typer.Option("--plan", help="A stored plan; it is run exactly as it was shown.")] = "",
    recover: Annotated[bool, typer.Option("--recover", help="Finish or take back what was interrupted.")] = False,
    as_json: Json = False,
) -> None:
    """Run a plan: backup, change, proof by reading again; on any failure, back."""
    from agent.app.lync import LyncDesk

    with speaking(as_json) as output:
        if bool(plan_id) == recover:
            raise typer.BadParameter("name a plan with --plan, or use --recover")
        app = app_of(context, output)
        if recover:
            _recovered(output, LyncDesk(app).recover(app.inventory))
            return
        outcome = LyncDesk(app).apply(plan_id)
        output.say(outcome.message, style="green")
        output.result(outcome)


@lync_commands.command()
def backup(context: typer.Context, server: Server, reason: Why = "", as_json: Json = False) -> None:
    """Export a server's configuration, prove it and keep it sealed."""
    from agent.app.lync import LyncDesk, asked_for

    with speaking(as_json) as output:
        kept = asked_for(LyncDesk(app_of(context, output)), server, reason)
        output.say(f"Backup {kept.number} of {kept.server}: {kept.size} bytes, {', '.join(kept.parts)}", style="green")
        output.result(kept)


@lync_commands.command()
def backups(
    context: typer.Context,
    server: Annotated[str, typer.Argument(help="Of this server only.")] = "",
    as_json: Json = False,
) -> None:
    """List kept backups, newest first."""
    from agent.app.lync import LyncDesk

    with speaking(as_json) as output:
        found = LyncDesk(app_of(context, output)).backups(server)
        rows = [(one.server, one.number, one.taken_at, one.why, one.reason, one.author, one.size) for one in found]
        output.table(("server", "backup", "taken", "why", "reason", "by", "bytes"), rows, "No backup is kept.")
        output.result(found)


@lync_commands.command()
def restore(
    context: typer.Context,
    server: Server,
    number: Annotated[int, typer.Option("--backup", help="As `lync backups` shows it.", min=1)],
    yes: Annotated[bool, typer.Option("--yes", help="It replaces the configuration of the whole deployment.")] = False,
    reason: Why = "",
    as_json: Json = False,
) -> None:
    """Import a kept backup after taking one, prove it, and count it: three a year are included [LY-7]."""
    from agent.app.lync import LyncDesk

    with speaking(as_json) as output:
        if not yes:
            raise typer.BadParameter("say --yes: it replaces the configuration of the customer's whole deployment")
        outcome = LyncDesk(app_of(context, output)).restore(server, number, reason)
        output.say(outcome.message, style="green")
        if outcome.restoration is not None and outcome.restoration.chargeable:
            output.note("This restoration is chargeable: the year's three were made before.")
        output.result(outcome)


@lync_commands.command()
def restorations(
    context: typer.Context,
    customer: Annotated[str, typer.Option(help="Of this customer only.")] = "",
    as_json: Json = False,
) -> None:
    """List restorations, newest first, and which of them are chargeable."""
    from agent.app.lync import LyncDesk

    with speaking(as_json) as output:
        found = LyncDesk(app_of(context, output)).restorations(customer)
        rows = [
            (one.customer, one.year, one.number, one.server, one.backup, one.at, one.who, one.chargeable)
            for one in found
        ]
        columns = ("customer", "year", "number", "server", "backup", "at", "by", "chargeable")
        output.table(columns, rows, "Nothing was restored.")
        output.result(found)


def _recovered(output: Output, ended: tuple[object, ...]) -> None:
    """Tell how interrupted changes ended; an uncertain one decides the exit code."""
    codes = [exit_code_of(one) or REFUSED for one in ended if isinstance(one, AgentError)]
    if not ended:
        output.say("Nothing was interrupted.", style="green")
    documents = []
    for one in ended:
        failed = isinstance(one, AgentError)
        text = str(one) if failed else str(getattr(one, "message", one))
        output.say(text, style="red" if failed else "green")
        documents.append({"ended": type(one).__name__ if failed else "Done", "message": text})
    output.result(documents)
    if UNCERTAIN in codes:
        fail(UNCERTAIN)
