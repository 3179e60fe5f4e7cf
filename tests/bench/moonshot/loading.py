"""What a fleet costs that comes from files instead of memory: YAML, read and checked by its rules, to be watched."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from agent.monitoring.watch import subjects
from inventory import load_workspace
from tests.bench.bench_verify import workspace
from tests.bench.moonshot.watching import rss_mib

#: Sites that are loaded to see what one costs: the cost grows as they do, which tests.bench.bench_verify shows.
SITES = 4_000


@dataclass(frozen=True, slots=True)
class Loading:
    """Microseconds of a processor a site, and KiB of memory."""

    sites: int
    site_us: float
    site_kib: float


def loading(sites: int = SITES) -> Loading:
    """Load so many sites."""
    with tempfile.TemporaryDirectory() as folder:
        root, before, start = workspace(Path(folder), sites), rss_mib(), time.process_time()
        inventory = load_workspace(root)
        watched = subjects(inventory)
        took, grown = time.process_time() - start, rss_mib() - before
    return Loading(len(watched), round(took / sites * 1e6, 1), round(grown * 1024 / sites, 1))
