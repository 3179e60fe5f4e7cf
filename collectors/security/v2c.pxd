# How v2c.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport answer, ber, pdu
from collectors.security.session cimport Sent

cdef Py_ssize_t _RESPONSE

cdef class V2cSession:
    cdef bytes _community, _head
    @cython.locals(datagram=bytes)
    cpdef Sent seal(self, object request, Py_ssize_t identifier)
    @cython.locals(at=Py_ssize_t, end=Py_ssize_t, head=pdu.Head)
    cpdef object judge(self, bytes datagram, Sent sent)

@cython.locals(stop=Py_ssize_t)
cpdef Py_ssize_t identifier(bytes datagram, Py_ssize_t at, Py_ssize_t end) except? -1
