# How asking.py is compiled, where it is: as it stands.
