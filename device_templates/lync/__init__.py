"""Lync Server 2010 and 2013: what ordered features mean as settings, and the PowerShell that brings a pool there."""

from device_templates.lync.changes import Change, Step, after, difference, undo_of
from device_templates.lync.nouns import CREATED, NOUNS, Noun, nouns_read
from device_templates.lync.quoting import literal
from device_templates.lync.scripts import DONE, FEATURES, Feature, script_of, undo_script
from device_templates.lync.settings import Key, Setting, State, Value, key_of
from device_templates.lync.wanted import ordered, wanted

__all__ = [
    "CREATED",
    "DONE",
    "FEATURES",
    "NOUNS",
    "Change",
    "Feature",
    "Key",
    "Noun",
    "Setting",
    "State",
    "Step",
    "Value",
    "after",
    "difference",
    "key_of",
    "literal",
    "nouns_read",
    "ordered",
    "script_of",
    "undo_of",
    "undo_script",
    "wanted",
]
