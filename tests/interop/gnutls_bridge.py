"""Runs gnutls-serv, which listens on every address, in a network of its own, and joins one connection to it with
standard input and output. Run as: unshare -n python3 gnutls_bridge.py gnutls-serv OPTIONS…
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

PORT = 5556

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:  # ip link set lo up
    fcntl.ioctl(control, 0x8914, struct.pack("16sH14x", b"lo", 0x1))


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


server = subprocess.Popen(
    sys.argv[1:] + ["--port", str(PORT)],
    stdin=subprocess.DEVNULL,
    stdout=sys.stderr,
    preexec_fn=end_with_parent,
)
while True:
    try:
        connection = socket.create_connection(("127.0.0.1", PORT))
        break
    except ConnectionRefusedError:
        if server.poll() is not None:
            sys.exit(f"gnutls-serv ended with {server.returncode}")
        time.sleep(0.025)


def up():
    while chunk := os.read(0, 65536):
        connection.sendall(chunk)
    connection.shutdown(socket.SHUT_WR)


threading.Thread(target=up, daemon=True).start()
while chunk := connection.recv(65536):
    while chunk:
        chunk = chunk[os.write(1, chunk):]
os.close(1)
server.terminate()
