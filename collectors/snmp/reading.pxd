# How reading.py is compiled, where it is.
import cython

from collectors.codec.answer cimport Reply
from collectors.codec.pdu cimport Request

cdef Py_ssize_t _TOO_BIG, _END_OF_MIB

cdef class Instances:
    cdef readonly tuple packets
    cdef readonly bytearray kinds
    cdef readonly list values
    cdef readonly frozenset refused
    cdef readonly Py_ssize_t too_big
    cdef list _parts
    cdef Py_ssize_t _refusals
    @cython.locals(part=Request)
    cpdef object take(self, Reply reply)
    @cython.locals(index=Py_ssize_t, half=Py_ssize_t)
    cdef object _wrong(self, tuple oids, Reply reply)

cdef class Columns:
    cdef readonly list names
    cdef readonly bytearray kinds
    cdef readonly list flat
    cdef public Py_ssize_t repetitions
    cdef readonly bint too_big
    cdef tuple _columns
    cdef dict _at
    cdef Py_ssize_t _max_rows
    cpdef object take(self, Reply reply)
    @cython.locals(columns=tuple, column=tuple, name=tuple, kind=Py_ssize_t, place=Py_ssize_t, count=Py_ssize_t, most=Py_ssize_t)
    cdef str _wrong(self, Reply reply)
