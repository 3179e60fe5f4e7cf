# How exchange.py is compiled, where it is.
import cython

from collectors.security.session cimport Sent
from collectors.snmp.wheel cimport Wheel

cdef class Attempt:
    cdef readonly Sent sent
    cdef readonly double at
    cdef readonly Py_ssize_t tried

cdef class Exchange:
    cdef object _asker, _request, _session, _told
    cdef Wheel _wheel
    cdef list _attempts
    cdef tuple _patience, _reason
    cdef double _deadline
    cdef Py_ssize_t _lessons, _tries
    cdef bint _asked, _place
    cdef str _not_sent
    cdef readonly object address
    cdef readonly bint over
    cdef public Py_ssize_t tick
    cpdef attempt(self)
    @cython.locals(attempt=Attempt, datagram=bytes)
    cpdef hear(self, bytes datagram, Py_ssize_t identifier)
    cpdef expired(self)
    cpdef close(self)
    @cython.locals(attempt=Attempt)
    cpdef drop(self)
    @cython.locals(attempt=Attempt)
    cdef Attempt _attempt(self, Py_ssize_t identifier)
    @cython.locals(sent=Sent, now=double, wait=double)
    cdef _send(self)
    cdef _learn(self, verdict)
    cdef _finish(self, outcome)
    cdef _leave(self)
