# How poller.py is compiled, where it is.
import cython

from collectors.polling.brought cimport Brought, Part
from collectors.polling.known cimport Known

cdef _told(ended)

@cython.locals(part=Part)
cdef _taken(Known known, Brought brought, ended)

cdef bint _in_time(Known known, uptime_s, double at) except -1

cdef _unsettle(Known known, double at)

@cython.locals(part=Part, values=list)
cdef _advance(Known known, Brought brought, double at)
