# privacy.py is compiled as it is, where it is.
