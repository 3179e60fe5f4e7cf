"""Every class of faults and of harmless edits."""

from __future__ import annotations

from tests.mutation.documents.filters import FILTERS
from tests.mutation.documents.harmless import HARMLESS as DOCUMENT_EDITS
from tests.mutation.documents.routing import ROUTING as DOCUMENT_ROUTING
from tests.mutation.documents.services import SERVICES
from tests.mutation.documents.tunnels import TUNNELS as LINKS
from tests.mutation.faults.beyond import BEYOND
from tests.mutation.faults.crypto import CRYPTO
from tests.mutation.faults.firewall import FIREWALL
from tests.mutation.faults.ground import GROUND
from tests.mutation.faults.harmless import HARMLESS as EDITS
from tests.mutation.faults.management import MANAGEMENT
from tests.mutation.faults.missing import MISSING
from tests.mutation.faults.peers import PEERS
from tests.mutation.faults.quality import QUALITY
from tests.mutation.faults.resilience import RESILIENCE
from tests.mutation.faults.routing import ROUTING
from tests.mutation.faults.tunnels import TUNNELS
from tests.mutation.mutant import Fault

_CATALOGUES = (
    TUNNELS,
    CRYPTO,
    ROUTING,
    PEERS,
    GROUND,
    MANAGEMENT,
    FIREWALL,
    QUALITY,
    RESILIENCE,
    MISSING,
    BEYOND,
    LINKS,
    DOCUMENT_ROUTING,
    FILTERS,
    SERVICES,
    EDITS,
    DOCUMENT_EDITS,
)
CLASSES: tuple[Fault, ...] = tuple(one for catalogue in _CATALOGUES for one in catalogue.classes)
FAULTS = tuple(one for one in CLASSES if not one.harmless)
HARMLESS = tuple(one for one in CLASSES if one.harmless)
