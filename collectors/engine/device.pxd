# How device.py is compiled, where it is.
from collectors.engine.patience cimport Estimate

cdef class Device:
    cdef readonly object key, target
    cdef readonly tuple address
    cdef public object learned, session
    cdef public bint down
    cdef Estimate _estimate
    cdef double _loss
    cpdef tuple patience(self)
    cpdef answered(self, double round_trip_s, Py_ssize_t lost)
    cpdef silent(self)
