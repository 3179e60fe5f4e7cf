# How ber.py is compiled, where it is: the same functions, with numbers that are the machine's.
import cython

cdef bint PLAIN
cdef tuple _OCTET
cdef bytes _SHORT_INTEGER

@cython.locals(start=Py_ssize_t, stop=Py_ssize_t, length=Py_ssize_t, octets=Py_ssize_t)
cpdef (Py_ssize_t, Py_ssize_t, Py_ssize_t) header(bytes data, Py_ssize_t at, Py_ssize_t end)

@cython.locals(start=Py_ssize_t, stop=Py_ssize_t, length=Py_ssize_t, found=Py_ssize_t)
cpdef (Py_ssize_t, Py_ssize_t) expect(bytes data, Py_ssize_t at, Py_ssize_t end, Py_ssize_t tag)

@cython.locals(start=Py_ssize_t, stop=Py_ssize_t, value=Py_ssize_t, one=Py_ssize_t)
cpdef (Py_ssize_t, Py_ssize_t) read_integer(bytes data, Py_ssize_t at, Py_ssize_t end)

@cython.locals(start=Py_ssize_t, stop=Py_ssize_t)
cpdef tuple read_octets(bytes data, Py_ssize_t at, Py_ssize_t end)

@cython.locals(value="unsigned long long", place=Py_ssize_t)
cpdef unsigned long long number(bytes data, Py_ssize_t at, Py_ssize_t end) except? 0

cpdef object signed(bytes content)

@cython.locals(length=Py_ssize_t)
cpdef object unsigned(bytes content, Py_ssize_t octets)

cpdef bytes field(Py_ssize_t tag, bytes content)

@cython.locals(octets=bytes)
cpdef bytes opening(Py_ssize_t tag, Py_ssize_t length)

cpdef bytes integer(object value)
