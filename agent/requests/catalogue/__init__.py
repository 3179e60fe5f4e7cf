"""The kinds of requests: each module here gives its own as ``KINDS``; adding one is adding a module."""
