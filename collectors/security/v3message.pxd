# How v3message.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport ber, pdu
from collectors.security.usm cimport Keys

cdef bytes _EMPTY, _VERSION, _MODEL, _SIZE

cdef class V3Message:
    cdef readonly bytes datagram, identity, user, mac, salt, data
    cdef readonly Py_ssize_t identifier, flags, boots, time, mac_at
    @cython.locals(flags=bytes, model=Py_ssize_t, stop=Py_ssize_t)
    cdef Py_ssize_t _header(self, Py_ssize_t at, Py_ssize_t end) except -1
    @cython.locals(numbers=bint, stop=Py_ssize_t)
    cdef Py_ssize_t _security(self, Py_ssize_t at, Py_ssize_t end) except -1
    @cython.locals(length=Py_ssize_t, bare=bytes)
    cpdef bint verified(self, Keys keys) except -1
    cpdef bytes plain(self, Keys keys)

cdef class Scope:
    cdef readonly bytes context_engine, context_name
    cdef readonly Py_ssize_t at, end

@cython.locals(end=Py_ssize_t)
cpdef Py_ssize_t identifier(bytes datagram, Py_ssize_t at, Py_ssize_t end) except? -1

cpdef bytes encode_scoped(bytes context_engine, bytes request)

cpdef bytes encode_sealed(object message_id, engine, bytes user, Keys keys, bytes salt, bytes request)

cdef bytes _sealed(object message_id, Py_ssize_t flags, engine, bytes user, Keys keys, bytes salt, bytes plain)

cdef bytes _bare(object message_id, Py_ssize_t flags, engine, bytes user, bytes data)

@cython.locals(length=Py_ssize_t, before=bytes, behind=bytes)
cdef bytes _signed(object message_id, Py_ssize_t flags, engine, bytes user, Keys keys, bytes salt, bytes data)

@cython.locals(head=bytes, front=bytes, rest=Py_ssize_t)
cdef tuple _around(
    object message_id, Py_ssize_t flags, engine, bytes user, Py_ssize_t mac, bytes salt, bytes data
)
