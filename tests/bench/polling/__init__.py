"""Ours and its peers poll the same simulated fleet, each in a process of its own whose processor time is counted."""
