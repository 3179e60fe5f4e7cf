"""Polls as they are kept: one packed row a poll, and the layout that says what its values are."""

from collectors.record.layout import Column, Layout, Role
from collectors.record.packing import Packed, pack, packed, unpack

__all__ = ["Column", "Layout", "Packed", "Role", "pack", "packed", "unpack"]
