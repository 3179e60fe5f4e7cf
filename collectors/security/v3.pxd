# How v3.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport answer, pdu
from collectors.security cimport v3message
from collectors.security.known cimport KnownEngine
from collectors.security.session cimport Sent
from collectors.security.usm cimport Keys
from collectors.security.v3message cimport Scope, V3Message

cdef Py_ssize_t _REPORT_TAG

cdef class V3Session:
    cdef object _user, _chain, _clock
    cdef bytes _name
    cdef KnownEngine _engine, _candidate
    cdef bint _probe
    @cython.locals(known=KnownEngine, datagram=bytes)
    cpdef Sent seal(self, object request, Py_ssize_t identifier)
    @cython.locals(message=V3Message, known=KnownEngine, keys=Keys, plain=bytes, scope=Scope, head=pdu.Head)
    cpdef object judge(self, bytes datagram, Sent sent)
    cpdef gave_up(self)
    cdef object _discover(self, V3Message message)
    cdef object _unauthenticated(self, V3Message message)
    cdef object _report(self, heard, report, KnownEngine known)
    cdef _trust(self, KnownEngine known)
