# How values.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport ber

cdef bytes _WIDTHS
cdef Py_ssize_t _INTEGER, _OCTETS, _OBJECT_ID, _OPAQUE, _IP_ADDRESS

@cython.locals(width=Py_ssize_t)
cpdef object flat(Py_ssize_t kind, bytes content)
