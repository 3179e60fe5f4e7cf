# How engine.py is compiled, where it is.
from collectors.engine.poll cimport Poll
from collectors.snmp.asker cimport Asker

cdef class _Round:
    cdef object _engine, _error, _errands, _loop, _next, _timer, _told
    cdef Asker _asker
    cdef set _alive
    cdef bint _pulling
    cdef readonly object over
    cpdef pull(self)
    cpdef reconsider(self)
    cpdef drop(self)
    cpdef _wake(self)
    cpdef _ended(self, Poll poll, polled)
    cdef _begin(self)
    cdef _fail(self, error)
    cdef _end(self)
