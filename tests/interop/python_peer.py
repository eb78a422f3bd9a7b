"""A TLS 1.2 peer of Python's ssl module: sends and receives SIZE bytes both ways at once, closes in order.

usage: python_peer.py client|server PORT CIPHER SIZE ROOT CERTIFICATE KEY
"""

import hashlib
import socket
import ssl
import sys
import threading

role, port, cipher, size, root, certificate, key = sys.argv[1:8]
size = int(size)

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if role == "client" else ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
context.set_ciphers(cipher)
context.set_alpn_protocols(["other/1", "fesa/1"])
if role == "client":
    context.load_verify_locations(root)
    plain = socket.create_connection(("127.0.0.1", int(port)))
    session = context.wrap_socket(plain, server_hostname="localhost")
else:
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", int(port)))
    plain, _ = listener.accept()
    session = context.wrap_socket(plain, server_side=True)

data = bytes(i * 7 % 256 for i in range(251)) * (size // 251 + 1)
received = hashlib.sha256()


def receive():
    left = size
    while left > 0:
        chunk = session.recv(min(65536, left))
        if not chunk:
            sys.exit("ended too early")
        received.update(chunk)
        left -= len(chunk)


receiving = threading.Thread(target=receive)
receiving.start()
session.sendall(data[:size])
receiving.join()
print(session.selected_alpn_protocol(), received.hexdigest(), flush=True)
session.unwrap()
print("closed in order", flush=True)
