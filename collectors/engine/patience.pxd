# How patience.py is compiled, where it is.
import cython

cdef double _LEAST, _STEP, _ALPHA, _BETA, _DEVIATIONS

cdef class Estimate:
    cdef readonly double deviation_s, mean_s
    cdef Py_ssize_t _steps
    cdef object _target
    cdef tuple _patience
    @cython.locals(off=double)
    cpdef heard(self, double round_trip_s)
    @cython.locals(first=double, steps=Py_ssize_t)
    cpdef tuple patience(self, target)
