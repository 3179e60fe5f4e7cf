"""The text of each platform: templates that write it, the parser that reads it back, what it hides and owns."""

from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import Comparison, MaskedLine, PathLine, compare
from device_templates.cisco_iosxe.comparing.features import FeatureDiff, difference_by_feature
from device_templates.cisco_iosxe.reading.complete import is_complete, restorable
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.reading.secrets import fingerprint, redact
from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap, snmp_user_lines
from device_templates.cisco_iosxe.rendering.facts import vrf_of
from device_templates.cisco_iosxe.rendering.render import explain, intended_model, render
from device_templates.errors import NotParsable, NotRenderable, SecretUnusable, TemplateError, TemplatesError
from device_templates.texts import Bootstrap, Rendered, RenderedLine, SnmpUserLine, Stage

__all__ = [
    "Bootstrap",
    "Comparison",
    "FeatureDiff",
    "MaskedLine",
    "NotParsable",
    "NotRenderable",
    "PathLine",
    "Rendered",
    "RenderedLine",
    "SecretUnusable",
    "SnmpUserLine",
    "Stage",
    "TemplateError",
    "TemplatesError",
    "bootstrap",
    "candidate",
    "compare",
    "difference_by_feature",
    "explain",
    "fingerprint",
    "intended_model",
    "is_complete",
    "read_model",
    "redact",
    "render",
    "restorable",
    "snmp_user_lines",
    "vrf_of",
]
