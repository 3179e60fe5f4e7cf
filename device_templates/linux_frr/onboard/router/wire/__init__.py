"""The control socket: who asks what, and the processes that answer."""
