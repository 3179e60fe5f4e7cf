"""The text of each platform: templates that write it, the parser that reads it back, what it hides and owns."""

from device_templates.comparison import Comparison, FeatureDiff, MaskedLine, PathLine
from device_templates.errors import NotParsable, NotRenderable, SecretUnusable, TemplateError, TemplatesError
from device_templates.messages import Messages, Telling, Topic
from device_templates.platform import (
    IkeFault,
    PlatformText,
    platform_of,
    platform_text,
    recognised,
    vpn_ref,
)
from device_templates.texts import (
    Bootstrap,
    Mark,
    Rendered,
    RenderedLine,
    Secrets,
    SnmpUserLine,
    Stage,
    explain,
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
    "Messages",
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
    "Telling",
    "TemplateError",
    "TemplatesError",
    "Topic",
    "explain",
    "fingerprint",
    "hidden",
    "platform_of",
    "platform_text",
    "recognised",
    "vpn_ref",
]
