"""Keeping what polls bring: what is as before in memory, the rest decided and written a batch at a time."""
