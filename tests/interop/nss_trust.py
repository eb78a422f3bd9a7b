"""Trusts a root (DER, on standard input) in the NSS database of a folder, as `certutil -A -t C,,` would."""

import ctypes
import sys

nss = ctypes.CDLL("libnss3.so")
smime = ctypes.CDLL("libsmime3.so")
pointer = ctypes.c_void_p
nss.PK11_GetInternalKeySlot.restype = pointer
nss.PK11_InitPin.argtypes = [pointer, ctypes.c_char_p, ctypes.c_char_p]
nss.PK11_ImportCert.argtypes = [pointer, pointer, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_int]
nss.CERT_GetDefaultCertDB.restype = pointer
nss.CERT_ChangeCertTrust.argtypes = [pointer, pointer, pointer]
smime.CERT_DecodeCertFromPackage.restype = pointer
smime.CERT_DecodeCertFromPackage.argtypes = [ctypes.c_char_p, ctypes.c_int]


def check(status):
    if status != 0:
        raise OSError(f"NSS error {nss.PORT_GetError()}")


check(nss.NSS_InitReadWrite(b"sql:" + sys.argv[1].encode()))
slot = nss.PK11_GetInternalKeySlot()
check(nss.PK11_InitPin(slot, None, b""))
der = sys.stdin.buffer.read()
root = smime.CERT_DecodeCertFromPackage(der, len(der))
check(nss.PK11_ImportCert(slot, root, 0, b"root", 0))
trust = (ctypes.c_uint * 3)()  # for TLS, mail and code
check(nss.CERT_DecodeTrustString(trust, b"C,,"))
check(nss.CERT_ChangeCertTrust(nss.CERT_GetDefaultCertDB(), root, trust))
