# How answer.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

from collectors.codec cimport ber
from collectors.codec.values cimport flat

cdef bytes WIDTHS
cdef Py_ssize_t _SEQUENCE, _OCTETS
cdef bint PLAIN

cdef class Reply:
    cdef readonly Py_ssize_t error_status, error_index
    cdef readonly bytearray kinds
    cdef readonly list values
    cdef readonly tuple names

cpdef Reply read(bytes data, Py_ssize_t at, Py_ssize_t end, Py_ssize_t status, Py_ssize_t index, tuple asked)

@cython.locals(
    name=bytes, size=Py_ssize_t, start=Py_ssize_t, stop=Py_ssize_t, last=Py_ssize_t, kind=Py_ssize_t, width=Py_ssize_t
)
cdef bint _as_asked(
    bytes data, Py_ssize_t at, Py_ssize_t end, tuple asked, bytearray kinds, list values
) except -1
