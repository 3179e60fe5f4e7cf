# How known.py is compiled, where it is.
from collectors.security.usm cimport Keys

cdef class KnownEngine:
    cdef readonly bytes identity
    cdef readonly Keys keys
    cdef readonly Py_ssize_t boots, time
    cdef readonly double heard_at
    cdef readonly bint verified
    cdef Py_ssize_t _time(self, double now) except -1
    cpdef object clock(self, double now)
    cpdef bint in_window(self, Py_ssize_t boots, Py_ssize_t time, double now) except -1
    cpdef follow(self, Py_ssize_t boots, Py_ssize_t time, double now)
    cpdef set(self, Py_ssize_t boots, Py_ssize_t time, double now)
