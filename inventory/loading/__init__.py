"""From the files of a workspace to checked models: reading, positions, and errors in plain words."""
