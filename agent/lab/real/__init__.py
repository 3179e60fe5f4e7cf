"""Real routers: Debian boxes in a guest kernel, with an internet, customers' hosts and a management centre around them.

Nothing here simulates a router. A blank box has Debian's packages, network ports and a console, and nothing else; what
it becomes is what is typed at its console or committed to it. Three things are ours: the cables, the internet between
them and the small first process of each box (``agent.lab.real.inside``), which mounts its disk, starts what is enabled
there and answers the console.

- ``topology``: what is built, as data. ``plan``: the same as namespaces, cables and commands.
- ``lab.RealLab``: starts and ends a lab, types at consoles, pings, cuts cables, switches power, captures.
- ``guest``: a lab under Debian's kernel in qemu: GRE, ESP, NHRP, nftables are those of a router. ``namespaces``: a lab
  under this machine's kernel, which starts in a second and may lack GRE and ESP.

Root is needed for both, because both make network interfaces.
"""
