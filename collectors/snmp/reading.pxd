# How reading.py is compiled, where it is.
import cython

from collectors.codec.answer cimport Reply

cdef Py_ssize_t _TOO_BIG

cdef class Instances:
    cdef readonly tuple packets
    cdef readonly bytearray kinds
    cdef readonly list values
    cdef readonly frozenset refused
    cdef readonly Py_ssize_t too_big
    cdef list _parts
    cdef Py_ssize_t _refusals
    @cython.locals(oids=tuple, index=Py_ssize_t, half=Py_ssize_t)
    cpdef object take(self, Reply reply)
