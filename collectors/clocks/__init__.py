"""Clocks of servers, told from ours."""
