# How packing.py is compiled, where it is: the same functions, with numbers that are the machine's (64 bits, unsigned).
import cython

cdef bytes _FORMS
cdef int _UNSIGNED, _SIGNED, _OCTETS, _WHOLE, _DIFFERS
cdef unsigned long long _MASK

@cython.locals(size=Py_ssize_t, place=Py_ssize_t, form=int, out=bytearray, value=object)
cdef bytes _whole(bytes kinds, list values)

@cython.locals(
    size=Py_ssize_t, count="unsigned long long", at=Py_ssize_t, out=bytearray, check="unsigned long long", place=Py_ssize_t,
    form=int, former="unsigned long long", number="unsigned long long", value=object, octets=bytes
)
cdef object _difference(bytes kinds, list values, bytes key)

@cython.locals(size="unsigned long long", at=Py_ssize_t, kinds=bytes, place=Py_ssize_t, form=int, number="unsigned long long")
cdef tuple _read_whole(bytes data)

@cython.locals(size=Py_ssize_t, at=Py_ssize_t, place=Py_ssize_t, form=int, number="unsigned long long")
cdef list _read_difference(bytes data, bytes kinds, list values)

cdef bytes _octets(bytes data, Py_ssize_t at, unsigned long long length)

cdef object _sum(int form, object before, object difference)

cdef object _signed(object number)

cdef unsigned long long _zigzag(unsigned long long number)

cdef unsigned long long _unzigzag(unsigned long long number)

cdef int _write(bytearray out, unsigned long long number) except -1

@cython.locals(number="unsigned long long", shift=int, octet="unsigned long long")
cdef (unsigned long long, Py_ssize_t) _read(bytes data, Py_ssize_t at)
