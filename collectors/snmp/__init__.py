"""SNMP v2c and v3 for many devices at once."""

from collectors.snmp.asker import Traffic
from collectors.snmp.ber import Oid
from collectors.snmp.client import SnmpClient
from collectors.snmp.target import Answer, Community, Failure, PollAnswer, PollRequest, Target, V3User
from collectors.snmp.values import Counter32, Counter64, Gauge32, Missing, Opaque, TimeTicks, Value

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
