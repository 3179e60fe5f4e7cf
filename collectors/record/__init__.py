"""Polls as they are kept: one packed row a poll, and the layout that says what its values are."""

from collectors.record.layout import Column, Layout, Role
from collectors.record.packing import Packed, Whole, check, pack, packed, unpack, unpack_from

__all__ = ["Column", "Layout", "Packed", "Role", "Whole", "check", "pack", "packed", "unpack", "unpack_from"]
