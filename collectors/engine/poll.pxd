# How poll.py is compiled, where it is.
import cython

from collectors.engine.device cimport Device
from collectors.snmp.asker cimport Asker
from collectors.snmp.exchange cimport Exchange

cdef class Poll:
    cdef Asker _asker
    cdef Device _device
    cdef Exchange _exchange
    cdef object _ended, _reading, _round_trip_s, _script, _session, _waiting
    cdef double _began, _waited_s
    cdef bint _probed
    cdef Py_ssize_t _lost, _requests
    cpdef begin(self)
    cpdef drop(self)
    cdef _read(self, reading)
    cdef _ask(self)
    cdef _go_on(self, problem)
    cpdef _heard(self, outcome)
    cdef _silent(self, outcome)
    cdef _lessons(self)
    cdef _learn(self)
    cdef _end(self, found)
