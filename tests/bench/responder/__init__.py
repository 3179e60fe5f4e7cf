"""An agent simulator of our own: one process in C that is an SNMP agent on every address of 127/8, at one port.

It answers SNMPv2c and SNMPv3 authPriv from the address that was asked, each with an engine, boots, uptime and counters
of its own, and can be told what is wrong with whom. It costs a few microseconds of a processor a packet, so that what
is measured is who asks. net-snmp and pysnmp judge it in test_responder.py.
"""

from tests.bench.responder.objects import INTERFACES, SPOKE
from tests.bench.responder.process import COMMUNITY, SHA1, SHA256, Counts, Responder, address, is_dead

__all__ = ["COMMUNITY", "INTERFACES", "SHA1", "SHA256", "SPOKE", "Counts", "Responder", "address", "is_dead"]
