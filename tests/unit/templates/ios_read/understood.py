"""Reads lines that are all understood."""

from __future__ import annotations

from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.model import RouterModel


def read(text: str) -> RouterModel:
    """The model of lines, none of which is unread."""
    model = read_model(text)
    assert model.unread == ()
    return model
