"""The program that runs on a linux_frr router: standard library of Python 3.11 only, imports nothing of Spokesman's."""
