"""A service hands its work through pipes to a child, and that to a grandchild, which begins to compute much longer."""

import os
import signal

from kpi import Figure
from place import Place
from scenario import Expected, Scenario

# Each stage is a process; the last one computes. SIGUSR1 to it makes each answer take 30 times as long.
LAST = """
import signal, sys

rounds = 20_000

def grow(*_):
    global rounds
    rounds = 600_000

signal.signal(signal.SIGUSR1, grow)
for line in sys.stdin:
    sum(number * number for number in range(rounds))
    sys.stdout.write(line)
    sys.stdout.flush()
"""

MIDDLE = """
import subprocess, sys

last = subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print("last", last.pid, file=open(sys.argv[2], "w"), flush=True)
for line in sys.stdin:
    last.stdin.write(line)
    last.stdin.flush()
    sys.stdout.write(last.stdout.readline())
    sys.stdout.flush()
"""

FRONT = """
import socketserver, subprocess, sys, threading

helper = subprocess.Popen([sys.executable, *sys.argv[2:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
turn = threading.Lock()

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            with turn:
                helper.stdin.write(line)
                helper.stdin.flush()
                answer = helper.stdout.readline()
            self.wfile.write(answer)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class ChildComputes(Scenario):
    number = "x3"
    about = "a service that waits on pipes for a child and that for a grandchild, which computes"
    right = "the grandchild, computing"

    def start(self, place: Place) -> int:
        port = self.port = place.free_port()
        pid = place.start("python3", place.file("front.py", FRONT), str(port), place.file("middle.py", MIDDLE),
                          place.file("last.py", LAST), place.file("last.pid"))
        place.until_listens(port)
        place.until("the helpers run", lambda: place.file("last.pid").exists()
                    and place.file("last.pid").read_text().endswith("\n"))
        return pid

    def load(self, place: Place) -> Figure:
        # With one connection nobody waits for a turn: the path is all pipes.
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"work\n", pause_us=3000)

    def fault(self, place: Place) -> None:
        os.kill(self._last(place), signal.SIGUSR1)

    def expected(self, place: Place) -> Expected:
        return Expected(("on_cpu",), ({"pid": self._last(place)},), via=("pipe",))

    def _last(self, place: Place) -> int:
        return int(place.file("last.pid").read_text().split()[1])


SCENARIOS = {"child_computes": ChildComputes()}
