"""spokesman poll: routers and Lync servers asked now, each shown as soon as it has answered."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.polling import Polled
from agent.app.watching import Watching
from agent.cli.command import INTERRUPTED, NOT_REACHED, REFUSED, Json, app_of, fail, speaking
from agent.cli.live import Column, Live
from agent.cli.output import Output, plain
from agent.monitoring.sample import Answer

if TYPE_CHECKING:
    from inventory import Inventory, SiteView

#: Of more routers than this a terminal shows those only with which something is wrong.
SHOWN_WHOLE = 50


def poll(
    context: typer.Context,
    devices: Annotated[list[str] | None, typer.Argument(help="Routers or Lync servers; all without.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="On a terminal a line for each of many routers too.")] = False,
    as_json: Json = False,
) -> None:
    """Poll now, once, and show what came back; states and alarms follow as from the daemon's polls."""
    with speaking(as_json) as output:
        output.lines = True
        watch = Watching(app_of(context))
        views, servers = _asked(watch.app.inventory, devices or [])
        told, whole = list[Polled](), True
        if views:
            live = _live(output, views, all_)

            def tell(one: Polled) -> None:
                told.append(one)
                _tell(output, live, one)

            ask = watch.polling(views, tell)
            began = monotonic()
            with live:
                whole = ask()
            _sum_up(output, told, len(views), monotonic() - began)
        if not views and not servers:
            output.say("No site is managed yet.")
        heard = _servers(output, watch, servers) if servers and whole else True
        if not whole:
            fail(INTERRUPTED)
        if not all(one.kept for one in told):
            fail(REFUSED)
        if not heard or any(one.answer is not Answer.ANSWERED for one in told):
            fail(NOT_REACHED)


def _asked(inventory: Inventory, names: Sequence[str]) -> tuple[list[SiteView], list[str]]:
    """The routers and servers of those names, all without one; UnknownName for a router that is not there."""
    servers = [name for name in inventory.server_names if not names or name in names]
    if not names:
        return list(inventory.sites()), servers
    return [inventory.router(name) for name in dict.fromkeys(names) if name not in servers], servers


def _live(output: Output, views: Sequence[SiteView], all_: bool) -> Live:
    columns = (
        Column("router", max(6, *(len(view.router.name) for view in views))),
        Column("site", max(4, *(len(view.key) for view in views)), needed=False),
        Column("answer", 9),
        Column("reach", 7),
        Column("uptime", 15, needed=False),
        Column("round trip", 10, needed=False),
        Column("what is wrong", 0),
    )
    return Live(output, columns, len(views), whole=all_ or len(views) <= SHOWN_WHOLE)


def _tell(output: Output, live: Live, one: Polled) -> None:
    """One router's line, and how far all of them are."""
    if output.as_json:
        sys.stdout.write(json.dumps(plain(one), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    row = (
        one.router, one.site, str(one.answer), str(one.reach), uptime(one.uptime_s), milliseconds(one.round_trip_ms),
        "; ".join(one.wrong),
    )  # fmt: skip
    live.row(row, wrong=bool(one.wrong) or one.answer is not Answer.ANSWERED)
    live.count(str(one.answer))


def _sum_up(output: Output, told: Sequence[Polled], routers: int, took_s: float) -> None:
    answers = Counter(str(one.answer).replace("_", " ") for one in told)
    parts = ", ".join(f"{many:,} {answer}" for answer, many in answers.most_common())
    wrong = sum(bool(one.wrong) and one.answer is Answer.ANSWERED for one in told)
    besides = f"; of those that answered {wrong:,} with something wrong" if wrong else ""
    missing = f"; interrupted: {routers - len(told):,} not heard of" if len(told) < routers else ""
    many = "1 router" if routers == 1 else f"{routers:,} routers"
    output.say()
    output.say(f"{many} in {took_s:.1f} s: {parts or 'none heard'}{besides}{missing}", style="bold")


def _servers(output: Output, watch: Watching, names: Sequence[str]) -> bool:
    """Look at Lync servers; whether all of them were heard."""
    from agent.cli.server_tables import show_looks

    looks = watch.lync.look(watch.app.inventory, names)
    if output.as_json:
        sys.stdout.writelines(json.dumps(plain(one), ensure_ascii=False) + "\n" for one in looks)
    output.say()
    show_looks(output, looks)
    return all(one.heard for one in looks)


def uptime(seconds: float | None) -> str:
    """Days and the time of day; empty: not told."""
    if seconds is None:
        return ""
    days, rest = divmod(int(seconds), 86_400)
    return f"{days} d {rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"


def milliseconds(value: float | None) -> str:
    """A round trip; empty: not told."""
    return "" if value is None else f"{value:.1f} ms"
