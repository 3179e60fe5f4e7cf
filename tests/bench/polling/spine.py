"""Cacti's spine of Debian with a MariaDB of its own: its GETs of the same objects, the walked rows' too, and its rows.

Spine is a process a cycle; MariaDB's processor time is told apart. The packages are unpacked, not installed: Cacti's
bring a web server.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from collectors.modules import Type
from collectors.oids import text
from collectors.snmp import Community, V3User
from tests.bench.polling.asked import Asked
from tests.bench.polling.contest import Cycle, processors
from tests.bench.polling.exporter import cpu_s
from tests.bench.responder import address

PACKAGES = ("cacti-spine", "cacti")
NEEDED = ("apt-get", "dpkg-deb", "mariadbd", "mariadb", "mariadb-install-db")

#: Devices that are asked at once, and objects in a GET.
THREADS, MOST_OBJECTS = 16, 60

#: What was read: spine keeps "U" for what did not come, and for texts, whose names begin with a t.
_TOLD = "output NOT IN ('U', '') AND rrd_name LIKE 'v%'"

_START_S, _CYCLE_S = 60.0, 600.0
_BATCH = 500

_CONFIGURATION = """\
DB_Host {socket}
DB_Database cacti
DB_User root
DB_Pass
DB_Port 3306
Cacti_Log {folder}/spine.log
"""


class Spine:
    """See contest.Poller."""

    def __init__(self, name: str, devices: int, values: int, database: Database, program: Path) -> None:
        self.name, self.devices, self.living, self.values = name, devices, devices, values
        self._database, self._program = database, program

    def cycle(self) -> Cycle:
        """Poll all; what spine used, and MariaDB beside it."""
        self._database.run("TRUNCATE poller_output")
        beside, used, start = cpu_s(self._database.process.pid), _children_s(), time.perf_counter()
        argv = [
            str(self._program),
            "-C",
            str(self._database.configuration),
            "-f",
            "1",
            "-l",
            str(self.devices),
            "-V",
            "1",
        ]
        subprocess.run(argv, check=True, capture_output=True, timeout=_CYCLE_S, preexec_fn=_as_an_asker)
        wall, took = time.perf_counter() - start, _children_s() - used
        beside = cpu_s(self._database.process.pid) - beside
        rows = int(self._database.run(f"SELECT COUNT(*) FROM poller_output WHERE {_TOLD}"))  # noqa: S608 - a constant
        return Cycle(rows // self.values, rows, took, wall, beside)


class Database:
    """A MariaDB with Cacti's tables in ``folder``; its socket and spine's configuration are there too."""

    def __init__(self, folder: Path, schema: Path) -> None:
        data, self._socket = folder / "data", folder / "socket"
        user = ["--user=root"] if os.getuid() == 0 else []
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        install = [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
        ]
        subprocess.run([*install, *user], check=True, **quiet)  # type: ignore[call-overload] # the same for both
        argv = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={self._socket}", "--skip-networking"]
        self.process = subprocess.Popen([*argv, "--sql-mode=", f"--pid-file={folder}/pid", *user], **quiet)  # type: ignore[call-overload]
        self.configuration = folder / "spine.conf"
        self.configuration.write_text(_CONFIGURATION.format(socket=self._socket, folder=folder), encoding="utf-8")
        self._wait()
        self.run("CREATE DATABASE cacti", "mysql")
        self.run(schema.read_text(encoding="utf-8"))

    def run(self, sql: str, database: str = "cacti") -> str:
        """What the database says to statements."""
        argv = [
            "mariadb",
            "--no-defaults",
            "-uroot",
            f"--socket={self._socket}",
            "--batch",
            "--skip-column-names",
            database,
        ]
        return subprocess.run(argv, input=sql, capture_output=True, text=True, check=True).stdout

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.run("SELECT 1", "mysql")
            except subprocess.CalledProcessError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("MariaDB does not start")


@contextmanager
def spine(port: int, credentials: Community | V3User, asked: Asked, devices: int) -> Iterator[Spine]:
    """One that polls so many devices; it has a database of its own, which ends with the block."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        raise FileNotFoundError(f"{missing} are missing: apt-get install mariadb-server-core mariadb-client-core")
    with tempfile.TemporaryDirectory(prefix="spine-") as place:
        folder = Path(place)
        for package in PACKAGES:
            subprocess.run(["apt-get", "-qq", "download", package], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        names = sorted(path.name for path in folder.glob("*.deb"))
        for name in names:
            subprocess.run(["dpkg-deb", "--extract", name, "."], cwd=folder, check=True)
        database = Database(folder, folder / "usr/share/cacti/conf_templates/cacti.sql")
        try:
            _fill(database, port, credentials, asked, devices)
            version = next(name.split("_")[1] for name in names if name.startswith("cacti-spine_"))
            counted = sum(one.type is not Type.TEXT for _, one in asked.in_rows)
            yield Spine(f"cacti-spine {version}", devices, counted, database, folder / "usr/sbin/spine")
        finally:
            database.stop()


def _fill(database: Database, port: int, credentials: Community | V3User, asked: Asked, devices: int) -> None:
    """Cacti's tables: hosts, and what is read of each."""
    objects = [(text(oid), "t" if one.type is Type.TEXT else "v") for oid, one in asked.in_rows]
    login = {"snmp_port": str(port), "snmp_timeout": "2000", **_login(credentials)}
    settings = {"poller_interval": 300, "cron_interval": 300, "snmp_retries": 2, "log_verbosity": 1}
    for name, value in settings.items():
        database.run(f"REPLACE INTO settings (name, value) VALUES ('{name}', '{value}')")  # noqa: S608 - our own words
    database.run("DELETE FROM host; DELETE FROM poller_item;")
    database.run(f"UPDATE poller SET threads = {THREADS}, processes = 1 WHERE id = 1")  # noqa: S608 - a number
    for first in range(0, devices, _BATCH):
        numbers = range(first, min(first + _BATCH, devices))
        hosts = [
            {"id": number + 1, "description": f"d{number}", "hostname": address(number), "availability_method": 0,
             "max_oids": MOST_OBJECTS, **login}
            for number in numbers
        ]  # fmt: skip
        items = [
            {"local_data_id": number * len(objects) + at + 1, "host_id": number + 1, "action": 0,
             "hostname": address(number), "rrd_name": f"{kind}{at}", "arg1": oid, **login}
            for number in numbers
            for at, (oid, kind) in enumerate(objects)
        ]  # fmt: skip
        database.run(_insert("host", hosts) + _insert("poller_item", items))


def _insert(table: str, rows: Sequence[Mapping[str, object]]) -> str:
    """A statement; what is in it is our own."""
    values = ", ".join("(" + ", ".join(f"'{value}'" for value in row.values()) + ")" for row in rows)
    return f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES {values};"  # noqa: S608 - see above


def _login(credentials: Community | V3User) -> dict[str, str]:
    if isinstance(credentials, Community):
        return {"snmp_version": "2", "snmp_community": credentials.community.reveal()}
    return {
        "snmp_version": "3", "snmp_username": credentials.name, "snmp_password": credentials.auth.reveal(),
        "snmp_auth_protocol": "SHA256", "snmp_priv_passphrase": credentials.priv.reveal(),
        "snmp_priv_protocol": "AES128",
    }  # fmt: skip


def _as_an_asker() -> None:
    os.sched_setaffinity(0, {processors()[0]})


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
