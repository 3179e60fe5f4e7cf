"""The text of each platform: templates that write it, the parser that reads it back, what it hides and owns."""

from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.comparing.features import difference_by_feature
from device_templates.cisco_iosxe.reading.complete import is_complete, restorable
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap, snmp_user_lines
from device_templates.cisco_iosxe.rendering.facts import vrf_of
from device_templates.cisco_iosxe.rendering.render import intended_model, render
from device_templates.comparison import Comparison, FeatureDiff, MaskedLine, PathLine
from device_templates.errors import NotParsable, NotRenderable, SecretUnusable, TemplateError, TemplatesError
from device_templates.platform import (
    IkeFault,
    PlatformText,
    platform_of,
    platform_text,
    recognised,
    vpn_ref,
)
from device_templates.rendering.origins import explain
from device_templates.texts import (
    Bootstrap,
    Mark,
    Rendered,
    RenderedLine,
    Secrets,
    SnmpUserLine,
    Stage,
    fingerprint,
    hidden,
)

__all__ = [
    "Bootstrap",
    "Comparison",
    "FeatureDiff",
    "IkeFault",
    "Mark",
    "MaskedLine",
    "NotParsable",
    "NotRenderable",
    "PathLine",
    "PlatformText",
    "Rendered",
    "RenderedLine",
    "SecretUnusable",
    "Secrets",
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
    "hidden",
    "intended_model",
    "is_complete",
    "platform_of",
    "platform_text",
    "read_model",
    "recognised",
    "redact",
    "render",
    "restorable",
    "snmp_user_lines",
    "vpn_ref",
    "vrf_of",
]
