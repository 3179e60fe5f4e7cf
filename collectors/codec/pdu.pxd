# How pdu.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport answer, ber

cdef bytes _NO_ERROR

cdef class Head:
    cdef readonly Py_ssize_t kind, request_id
    cdef public Py_ssize_t error_status, error_index, at, end

@cython.locals(tag=Py_ssize_t, stop=Py_ssize_t, request_id=Py_ssize_t, found=Head)
cpdef Head head(bytes data, Py_ssize_t at, Py_ssize_t end, frozenset kinds=*)
