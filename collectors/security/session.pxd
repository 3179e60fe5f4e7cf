# How session.py is compiled, where it is.

cdef class Sent:
    cdef readonly Py_ssize_t identifier
    cdef readonly bytes datagram
    cdef readonly object context, request
