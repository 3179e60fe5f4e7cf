"""Diagnostics: what is collected when an alarm opens an incident."""
