# How pdu.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport answer, ber

cdef bytes _FOUR, _NO_ERROR, _NULL
cdef Py_ssize_t _GET, _GET_BULK, _SEQUENCE

cdef class Request:
    cdef readonly tuple fields, names
    cdef readonly bytes variables
    cdef readonly Py_ssize_t repetitions
    cdef bytes _after, _before
    cpdef Request joined(self, bytes variables)
    cpdef bytes encode(self, Py_ssize_t request_id)

@cython.locals(found=list, at=Py_ssize_t, end=Py_ssize_t, start=Py_ssize_t)
cpdef tuple fields(bytes variables)

cdef class Head:
    cdef readonly Py_ssize_t kind, request_id
    cdef public Py_ssize_t error_status, error_index, at, end

@cython.locals(tag=Py_ssize_t, stop=Py_ssize_t, request_id=Py_ssize_t, found=Head)
cpdef Head head(bytes data, Py_ssize_t at, Py_ssize_t end, frozenset kinds=*)
