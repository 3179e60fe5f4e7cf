# How answer.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

cdef bytes WIDTHS
cdef Py_ssize_t _SEQUENCE, _OCTETS

@cython.locals(
    name=bytes, size=Py_ssize_t, start=Py_ssize_t, stop=Py_ssize_t, last=Py_ssize_t, kind=Py_ssize_t, width=Py_ssize_t
)
cdef bint _as_asked(
    bytes data, Py_ssize_t at, Py_ssize_t end, tuple asked, bytearray kinds, list values
) except -1
