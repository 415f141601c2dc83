"""A Python service with a thread that computes in C code, and so does not let go of the interpreter's lock."""

import os
import signal

from kpi import Figure
from place import Place
from scenario import Expected, Scenario

# Which thread computes is told on stdout; the time between two sums lets the others have the lock.
SERVICE = """
import signal, socketserver, sys, threading, time

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

def report():
    print("thread report", threading.get_native_id(), flush=True)
    numbers = range(1_000_000)
    while True:
        sum(numbers)
        time.sleep(0.001)

def begin(*_):
    threading.Thread(target=report, daemon=True).start()

signal.signal(signal.SIGUSR1, begin)
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class PythonLock(Scenario):
    number = "x2"
    about = "a threaded Python service, one of whose threads computes with the interpreter's lock held"
    right = "that thread, computing, through a futex"

    def start(self, place: Place) -> int:
        self.port = place.free_port()
        self.pid = place.start("python3", place.file("service.py", SERVICE), str(self.port), output="service")
        place.until_listens(self.port)
        return self.pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"work\n", connections=3, pause_us=3000)

    def fault(self, place: Place) -> None:
        os.kill(self.pid, signal.SIGUSR1)

    def expected(self, place: Place) -> Expected:
        thread = int(place.file("service").read_text().split()[2])
        return Expected(("on_cpu",), ({"pid": self.pid, "tid": thread},), via=("futex",))


SCENARIOS = {"python_gil": PythonLock()}
