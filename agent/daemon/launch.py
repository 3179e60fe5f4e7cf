"""Starts the daemon of a workspace: gives it what the application has wired."""

from __future__ import annotations

from agent.app.app import utc_now
from agent.app.orders import Orders
from agent.app.remote_write import remote_write
from agent.app.senders import syslog_speakers, trap_senders
from agent.app.watching import OwnWork, Watching
from agent.daemon.ports import Jobs, Place, Stores
from agent.daemon.service import Daemon
from agent.daemon.shared import Both, running
from agent.monitoring.cycle.times import OrderedTime
from agent.monitoring.snmp import snmp_poller
from agent.store.figures import FleetFigures
from agent.store.service_level import ServiceLevels


def launch(watching: Watching) -> None:
    """Watch the fleet until SIGTERM; Refused where a daemon already runs in this workspace."""
    app = watching.app
    listen = app.settings.daemon
    traps, syslog = (
        None if one.listen is None else (str(one.listen), one.port) for one in (app.settings.traps, app.settings.syslog)
    )
    place = Place(app.paths.daemon_lock, listen.listen, listen.port, traps, syslog, listen.router_series)
    remote = remote_write(lambda: watching.app)
    jobs = Jobs(
        poller=lambda: snmp_poller(OrderedTime()),
        orders=Orders(lambda: watching.app),
        load=watching.load,
        backup=watching,
        recover=watching.recover,
        diagnose=watching.diagnose,
        work=OwnWork(app),
        duties=watching.duties,
        senders=lambda inventory: trap_senders(watching.app, inventory),
        speakers=lambda inventory: syslog_speakers(watching.app, inventory),
        record=app.audit.record,
        servers=watching.servers,
        metrics=() if remote is None else (remote.counts,),
    )
    history = watching.history if remote is None else Both(watching.history, remote.put)
    figures, level = FleetFigures(app.engine), ServiceLevels(app.engine)
    stores = Stores(watching.states, watching.incidents, history, watching.runs, figures, level)
    with running(remote):
        Daemon(place, jobs, stores, watching.desk, utc_now).run()
