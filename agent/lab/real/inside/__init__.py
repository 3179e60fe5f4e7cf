"""What runs inside a lab of real routers: the first process of the guest and that of each box; standard library only.

Started without site packages, and slow to start under an emulated processor: so no module here imports more than it
needs, and nothing keeps a thread. Every connection is answered by a process of its own, and what must be known
between two of them lies in files under ``LAB``.
"""
