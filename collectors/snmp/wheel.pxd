# How wheel.py is compiled, where it is.

cdef class Wheel:
    cdef object _loop, _timer, _before
    cdef readonly object now
    cdef dict _due
    cdef Py_ssize_t _held_up
    cdef list _ticks
    cpdef set(self, thing, double at)
    cpdef drop(self, thing)
    cpdef stop(self)
    cdef _arm(self)
