# How usm.py is compiled, where it is.

cdef class Keys:
    cdef readonly object privacy, protocol
    cdef readonly bytes auth, priv
    cdef readonly Py_ssize_t mac_octets
    cpdef bytes mac(self, bytes message)
    cpdef bytes encrypt(self, bytes plain, Py_ssize_t boots, Py_ssize_t time, bytes salt)
    cpdef bytes decrypt(self, bytes secret, Py_ssize_t boots, Py_ssize_t time, bytes salt)
