# How patience.py is compiled, where it is.
import cython

cdef class Estimate:
    cdef readonly double deviation_s, mean_s
    @cython.locals(off=double)
    cpdef Estimate then(self, double round_trip_s)
    @cython.locals(first=double)
    cpdef tuple patience(self, target)
