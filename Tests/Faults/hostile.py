"""A program whose names are attacks on whatever shows them.  Prints its pid when all of it is in use."""

import ctypes
import os
import socket
import sys
import threading
import time

# A terminal's title and a screen wiped, a page's script, a statement's end, a table's cells, no UTF-8.
ESCAPES = b"\x1b]0;pwn\x07\x1b[2J"
HTML = b"</script><b id=pwn>"
SQL = b"'; DROP TABLE ticks; --"
CELLS = b"a,b\"c\nd=1\te"
BROKEN = b"\xff\xfe\xc3("
ALL = [ESCAPES, HTML, SQL, CELLS, BROKEN]


def rename(name: bytes) -> None:
    """The calling thread; the kernel keeps 15 bytes."""
    libc = ctypes.CDLL(None)
    libc.prctl(15, ctypes.c_char_p(name), 0, 0, 0)


def wait_for_ever(name: bytes, directory: bytes) -> None:
    """Under a hostile name, for a peer behind a hostile path, which answers each 10 ms."""
    rename(name)
    path = directory + b"/" + name.replace(b"/", b"|")[:80]
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(path)
    server.listen()
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(path)
    peer, _ = server.accept()
    threading.Thread(target=feed, args=(name, peer), daemon=True).start()
    while client.recv(1):
        pass


def feed(name: bytes, peer: socket.socket) -> None:
    """The other side."""
    rename(name)
    while True:
        time.sleep(0.01)
        peer.send(b"x")


def main() -> None:
    directory = os.fsencode(sys.argv[1])
    for name in ALL:
        threading.Thread(target=wait_for_ever, args=(name, directory), daemon=True).start()
    rename(HTML)
    print(os.getpid(), flush=True)
    time.sleep(1000)


if __name__ == "__main__":
    main()
