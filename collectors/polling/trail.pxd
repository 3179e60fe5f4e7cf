# How trail.py is compiled, where it is.
import cython

@cython.locals(fixed=list, tags=bytearray, at=Py_ssize_t)
cpdef bytes said(kinds, values, tuple moving)
