# How wheel.py is compiled, where it is.

cdef class Wheel:
    cdef object _loop, _timer
    cdef readonly object now
    cdef dict _due
    cdef list _ticks
    cpdef set(self, thing, double at)
    cpdef drop(self, thing)
    cpdef stop(self)
    cdef _arm(self)
