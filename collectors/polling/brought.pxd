# How brought.py is compiled, where it is.

cdef class Part:
    cdef readonly object asked, target, walks, trail
    cdef readonly tuple further
    cdef readonly bytearray kinds
    cdef readonly list values

cdef class Brought:
    cdef readonly object plan, uptime_s
    cdef readonly Py_ssize_t turn
    cdef readonly list parts
    cdef public bint alike
    cdef public object data, kinds, values
    cdef object _reading, _walked
