# How facts.py is compiled, where it is: as it stands.
