# How known.py is compiled, where it is.
import cython

from collectors.polling.brought cimport Brought, Part

cdef class Known:
    cdef public object device, engine_time_s, guards, key, kept, layout, order, plan, problems, stuck, trail, uptime_s
    cdef public bytes idles
    cdef public double at, calm_since, key_at
    cdef public Py_ssize_t calm_polls, marks, turn, walk_until, walked
    cdef public bint attended, sound
    @cython.locals(part=Part, values=list, value=object)
    cpdef bint alike(self, Brought brought) except -1
    cdef bint _as_walked(self, Brought brought) except -1
    @cython.locals(part=Part)
    cpdef follow(self, Brought brought)
    cdef bint _goes_on(self, object facts, list values) except -1
    cdef bint _all_hold(self, plan, list slow) except -1
    cpdef bint _holds(self, object plan, Part slow) except -1

cpdef object differing(bytes data, Py_ssize_t values)
