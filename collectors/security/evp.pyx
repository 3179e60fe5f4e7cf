# distutils: libraries = crypto
"""AES in CFB mode and HMAC by OpenSSL 3 itself, with contexts that are kept: a tenth of what making one a message costs.

Optional: primitives.py does without where this is not compiled. The interpreter's lock is held throughout, so that
one context for each algorithm serves all threads.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize

cdef extern from "openssl/evp.h" nogil:
    ctypedef struct EVP_CIPHER:
        pass
    ctypedef struct EVP_CIPHER_CTX:
        pass
    ctypedef struct EVP_MD:
        pass
    ctypedef struct EVP_MD_CTX:
        pass
    EVP_CIPHER* EVP_CIPHER_fetch(void*, const char*, const char*)
    EVP_CIPHER_CTX* EVP_CIPHER_CTX_new()
    int EVP_CipherInit_ex2(EVP_CIPHER_CTX*, const EVP_CIPHER*, const unsigned char*, const unsigned char*, int, void*)
    int EVP_CipherUpdate(EVP_CIPHER_CTX*, unsigned char*, int*, const unsigned char*, int)
    EVP_MD* EVP_MD_fetch(void*, const char*, const char*)
    EVP_MD_CTX* EVP_MD_CTX_new()
    int EVP_DigestInit_ex2(EVP_MD_CTX*, const EVP_MD*, void*)
    int EVP_DigestUpdate(EVP_MD_CTX*, const void*, size_t)
    int EVP_DigestFinal_ex(EVP_MD_CTX*, unsigned char*, unsigned int*)
    int EVP_MD_get_block_size(const EVP_MD*)

cdef enum:
    IV_OCTETS = 16
    MOST_BLOCK = 128
    MOST_CODE = 64


cdef class _Cipher:
    """One key length's cipher and its context."""
    cdef EVP_CIPHER* cipher
    cdef EVP_CIPHER_CTX* context

    def __cinit__(self, bytes name):
        self.cipher = EVP_CIPHER_fetch(NULL, name, NULL)
        self.context = EVP_CIPHER_CTX_new()
        if self.cipher is NULL or self.context is NULL:
            raise ImportError(f"this OpenSSL has no {name.decode()}")


cdef class _Hash:
    """One hash, its context, and the octets of its blocks."""
    cdef EVP_MD* hash
    cdef EVP_MD_CTX* context
    cdef int block

    def __cinit__(self, bytes name):
        self.hash = EVP_MD_fetch(NULL, name, NULL)
        self.context = EVP_MD_CTX_new()
        if self.hash is NULL or self.context is NULL:
            raise ImportError(f"this OpenSSL has no {name.decode()}")
        self.block = EVP_MD_get_block_size(self.hash)

    cdef int over(self, const unsigned char* pad, const unsigned char* data, size_t length, unsigned char* out) except -1:
        cdef unsigned int octets = 0
        if (
            EVP_DigestInit_ex2(self.context, self.hash, NULL) != 1
            or EVP_DigestUpdate(self.context, pad, self.block) != 1
            or EVP_DigestUpdate(self.context, data, length) != 1
            or EVP_DigestFinal_ex(self.context, out, &octets) != 1
        ):
            raise RuntimeError("OpenSSL could not hash")
        return octets


cdef _Cipher _128 = _Cipher(b"AES-128-CFB"), _192 = _Cipher(b"AES-192-CFB"), _256 = _Cipher(b"AES-256-CFB")

cdef dict _HASHES = {name: _Hash(name.encode()) for name in ("sha1", "sha224", "sha256", "sha384", "sha512", "md5")}


def cfb(bytes key not None, bytes iv not None, bytes data not None, bint encrypt):
    """``data`` encrypted or decrypted by AES, whose key's length says which; ``iv`` has 16 octets."""
    cdef _Cipher by
    if len(key) == 16:
        by = _128
    elif len(key) == 24:
        by = _192
    elif len(key) == 32:
        by = _256
    else:
        raise ValueError("an AES key has 16, 24 or 32 octets")
    if len(iv) != IV_OCTETS:
        raise ValueError("an initial vector has 16 octets")
    cdef int octets = <int>len(data), written = 0
    cdef bytes out = PyBytes_FromStringAndSize(NULL, octets)
    if octets and (
        EVP_CipherInit_ex2(by.context, by.cipher, key, iv, encrypt, NULL) != 1
        or EVP_CipherUpdate(by.context, <unsigned char*>PyBytes_AS_STRING(out), &written, data, octets) != 1
        or written != octets
    ):
        raise RuntimeError("OpenSSL could not encrypt or decrypt")
    return out


def digest(bytes key not None, bytes message not None, str hash not None):
    """The HMAC of ``message``; ``key`` is no longer than the hash's blocks."""
    cdef _Hash by = _HASHES[hash]
    cdef unsigned char inner[MOST_BLOCK]
    cdef unsigned char outer[MOST_BLOCK]
    cdef unsigned char code[MOST_CODE]
    cdef const unsigned char* octets = key
    cdef Py_ssize_t length = len(key), place
    cdef int size
    if length > by.block or by.block > MOST_BLOCK:
        raise ValueError("an HMAC key is longer than a block of its hash")
    for place in range(by.block):
        inner[place] = 0x36 ^ (octets[place] if place < length else 0)
        outer[place] = 0x5C ^ (octets[place] if place < length else 0)
    size = by.over(inner, message, len(message), code)
    size = by.over(outer, code, size, code)
    return PyBytes_FromStringAndSize(<char*>code, size)
