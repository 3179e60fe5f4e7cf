# How asker.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport ber
from collectors.security cimport v2c, v3message
from collectors.snmp.exchange cimport Exchange
from collectors.snmp.wheel cimport Wheel

cdef Py_ssize_t _V2C, _V3

cdef class Asker:
    cdef readonly Py_ssize_t limit
    cdef readonly Wheel wheel
    cdef readonly object port, traffic
    cdef readonly dict wanted
    cdef public object vacant
    cdef object _identifiers, _line
    cdef Py_ssize_t _under_way
    cpdef Exchange ask(self, address, session, request, tuple patience, told)
    cpdef enter(self, Exchange exchange)
    @cython.locals(exchange=Exchange)
    cpdef leave(self)
    cpdef object identifier(self)
    @cython.locals(exchange=Exchange)
    cpdef hear(self, bytes datagram, address)

@cython.locals(end=Py_ssize_t, version=Py_ssize_t, at=Py_ssize_t)
cpdef Py_ssize_t read_identifier(bytes datagram) except? -1
