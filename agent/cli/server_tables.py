"""How Lync servers are shown on a terminal: their states, and what a look at them brought."""

from __future__ import annotations

from agent.cli.output import Output
from agent.monitoring.servers.sample import ServerSample
from agent.monitoring.servers.views import ServerRow


def show_servers(output: Output, rows: tuple[ServerRow, ...]) -> None:
    """A line a server, then a line for each thing that is wrong or not known."""
    output.table(
        ("server", "site", "role", "state", "since", "last look", "good", "alarms", "incident", "proactive", "why"),
        [(row.server, row.site, row.role, row.reach, row.since, row.polled_at, row.good, row.alarms,
          row.incident or None, "yes" if row.proactive else "no", row.reason or None) for row in rows],
    )  # fmt: skip
    items = [(row.server, item.verdict, item.since, item.text) for row in rows for item in (*row.wrong, *row.unknown)]
    if items:
        output.say()
        output.table(("server", "verdict", "since", "what"), items)


def show_looks(output: Output, samples: tuple[ServerSample, ...]) -> None:
    """What each server answered, a line for each thing that was asked."""
    output.table(("server", "asked", "answer"), [(one.server, *line) for one in samples for line in _lines(one)])


def _lines(sample: ServerSample) -> list[tuple[str, str]]:
    lines = []
    if sample.snmp is not None:
        lines.append(("SNMP", f"{sample.snmp}: {sample.snmp_reason}".removesuffix(": ")))
    lines += [(name, f"not read: {why}") for name, why in sample.unread.items()]
    lines += [("SNMP", text) for text in sample.faults]
    if sample.services is not None:
        lines.append(("services", f"{sum(serves is not False for serves in sample.services.values())} run"))
    if sample.cpu_percent is not None:
        lines.append(("processors", f"{sample.cpu_percent:.0f} %"))
    lines += [(name, f"{percent:.0f} % full") for name, percent in sorted((sample.volumes or {}).items())]
    for label, ports in (("SIP", sample.sip), ("HTTPS", sample.https)):
        for port, reading in sorted(ports.items()):
            until = f", certificate until {reading.certificate.not_after:%Y-%m-%d}" if reading.certificate else ""
            lines.append((f"{label} {port}", reading.text + until))
    clock = sample.clock
    told = f"{clock.offset_s:+.1f} s ± {clock.within_s:.1f} s by {clock.source}" if clock else sample.clock_reason
    return [*lines, ("clock", told)]
