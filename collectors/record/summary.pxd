# How summary.py is compiled, where it is: the same class, with numbers that are the machine's.
import cython

cdef class Summary:
    cdef public list least, largest, total, weight, former

    @cython.locals(
        place=Py_ssize_t, tag=int, slot=Py_ssize_t, bits=int, since=Py_ssize_t, scale=double, low=double, high=double,
        size=Py_ssize_t, number=double
    )
    cpdef take(self, parts, bytes kinds, list values, double clock, long life, bint counts)

    @cython.locals(seconds=double)
    cdef _count(self, Py_ssize_t slot, value, int bits, double clock, long life, began, bint counts)

    cdef _add(self, Py_ssize_t slot, double number, double total, double weight)
