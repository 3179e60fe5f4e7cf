"""Packets as sets, and what lists, rules and routing tables do to them."""
