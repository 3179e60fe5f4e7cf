"""The text of each platform: templates that write it, the parser that reads it back, what it hides and owns."""

from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap, snmp_user_lines
from device_templates.cisco_iosxe.rendering.render import explain, render
from device_templates.errors import NotParsable, NotRenderable, SecretUnusable, TemplateError, TemplatesError
from device_templates.texts import Bootstrap, Rendered, RenderedLine, SnmpUserLine, Stage

__all__ = [
    "Bootstrap",
    "NotParsable",
    "NotRenderable",
    "Rendered",
    "RenderedLine",
    "SecretUnusable",
    "SnmpUserLine",
    "Stage",
    "TemplateError",
    "TemplatesError",
    "bootstrap",
    "explain",
    "render",
    "snmp_user_lines",
]
