"""spokesman enrol, plan, provision, accept and restore: how a configuration reaches a router and is proved."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.command import REFUSED, Json, app_of, fail, speaking

Router = Annotated[str, typer.Argument(help="The router's name in the inventory.")]
Site = Annotated[str, typer.Argument(help="customer/site, or the site's name where it is the only one.")]
Reference = Annotated[
    str, typer.Option(help="The order or request that it is for; default: the site's newest accepted order.")
]


def enrol(
    context: typer.Context,
    router: Router,
    replace: Annotated[bool, typer.Option("--replace", help="The router was replaced: accept a new identity.")] = False,
    as_json: Json = False,
) -> None:
    """Record serial number and host key of the router that answers at the management address."""
    with speaking(as_json) as output:
        enrolled = app_of(context, output).enrol(router, replace=replace)
        verb = "is enrolled" if enrolled.changed else "was enrolled already"
        output.say(f"{router} {verb}: serial {enrolled.enrolment.serial}, host key {enrolled.fingerprint}")
        output.result(
            {"router": router, "serial": enrolled.enrolment.serial, "host_key": enrolled.fingerprint,
             "changed": enrolled.changed}
        )  # fmt: skip


def plan(
    context: typer.Context,
    site: Site,
    reference: Reference = "",
    despite: Annotated[
        list[str] | None, typer.Option(help="A check that may fail until other routers run what is intended.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what would change on which routers, grouped by what it does for the service, and store the plan."""
    with speaking(as_json) as output:
        from agent.provisioning.plan import described  # the parts of a change are for the commands that make one

        made = app_of(context, output).plan(site, reference, frozenset(despite or ()))
        output.say("\n".join(described(made)))
        output.say()
        if made.nothing_to_do:
            output.say("Nothing to change.", style="green")
        else:
            output.say(f"Run it: spokesman provision --plan {made.id}", style="bold")
        output.result({**made.model_dump(mode="json"), "nothing_to_do": made.nothing_to_do})


def provision(
    context: typer.Context,
    site: Annotated[str, typer.Argument(help="Plan this site and run the plan at once.")] = "",
    plan_id: Annotated[str, typer.Option("--plan", help="Run a stored plan, exactly as it was shown.")] = "",
    reference: Reference = "",
    as_json: Json = False,
) -> None:
    """Bring a site to what is intended: archive, timed replace, check, confirm; on any failure, back."""
    with speaking(as_json) as output:
        if bool(site) == bool(plan_id):
            raise typer.BadParameter("name a site, or a plan with --plan")
        app = app_of(context, output)
        outcome = app.provision(plan_id or app.plan(site, reference).id)
        for warning in outcome.warnings:
            output.note(f"warning: {warning}")
        output.say(outcome.message, style="green")
        output.result(outcome)


def accept(context: typer.Context, site: Site, reference: Reference = "", as_json: Json = False) -> None:
    """Run the standard tests; when they pass, the site's operational service date is set, once [WV-20]."""
    with speaking(as_json) as output:
        from agent.provisioning.acceptance import Verdict

        report = app_of(context, output).accept(site, reference)
        output.table(("test", "grade", "seen"), [(one.name, one.grade, one.evidence) for one in report.tests])
        since = report.in_service_since
        service = f"in service since {since:%Y-%m-%d %H:%M}Z" if since else "not in service"
        output.say(f"{report.site}: {report.verdict}, {service}.", style="bold")
        output.result(report)
        if report.verdict is Verdict.FAILED:
            fail(REFUSED)


def restore(
    context: typer.Context,
    router: Router,
    version: Annotated[
        int | None, typer.Option(help="As `archive list` shows it; the newest by default.", min=1)
    ] = None,
    as_json: Json = False,
) -> None:
    """Put an archived configuration back with the safety of a provision, and prove that running equals archived."""
    with speaking(as_json) as output:
        app = app_of(context, output)
        number, restored = app.restore(router, version)
        for warning in restored.outcome.warnings:
            output.note(f"warning: {warning}")
        output.say(restored.outcome.message, style="green")
        output.say(f"Running equals version {number}.")
        if restored.masked:
            output.say("These lines belong to the device and were left as they are:")
            for line in restored.masked:
                output.say(f"  {line}")
        output.result({"router": router, "version": number, "outcome": restored.outcome, "masked": restored.masked})
