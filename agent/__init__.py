"""Everything that decides or changes something."""
