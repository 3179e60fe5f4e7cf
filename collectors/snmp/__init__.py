"""SNMP v2c and v3 for many devices at once."""

from collectors.codec.ber import Oid
from collectors.codec.values import Counter32, Counter64, Gauge32, Missing, Opaque, TimeTicks, Value
from collectors.security.credentials import Community, V3User
from collectors.security.session import Failure
from collectors.snmp.asker import Traffic
from collectors.snmp.client import SnmpClient
from collectors.snmp.target import Answer, PollAnswer, PollRequest, Target

__all__ = [
    "Answer",
    "Community",
    "Counter32",
    "Counter64",
    "Failure",
    "Gauge32",
    "Missing",
    "Oid",
    "Opaque",
    "PollAnswer",
    "PollRequest",
    "SnmpClient",
    "Target",
    "TimeTicks",
    "Traffic",
    "V3User",
    "Value",
]
