"""The link to a memcached in another network namespace becomes slow. Nobody at either end does anything wrong."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario

# Asks memcached for a value of 2,000 bytes for each line that it gets.
SERVICE = """
import socket, socketserver, sys

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        cache = socket.create_connection((sys.argv[2], 11211))
        answers = cache.makefile("rb")
        for line in self.rfile:
            cache.sendall(b"get value\\r\\n")
            while answers.readline() != b"END\\r\\n":
                pass
            self.wfile.write(line)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

with socket.create_connection((sys.argv[2], 11211)) as first:
    first.sendall(b"set value 0 0 2000\\r\\n" + b"x" * 2000 + b"\\r\\n")
    first.recv(100)
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class SlowNetwork(Scenario):
    number = "x5"
    about = "a Python service and its memcached behind a link that becomes slow"
    right = "the network to memcached's address"

    def start(self, place: Place) -> int:
        self.netns, self.address, self.device = place.network()
        place.start("memcached", "-u", "nobody", "-l", self.address, "-t", "2", netns=self.netns)
        place.until_listens(11211, self.address)
        self.port = place.free_port()
        pid = place.start("python3", place.file("service.py", SERVICE), str(self.port), self.address)
        place.until_listens(self.port)
        return pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"work\n", connections=2, pause_us=5000)

    def fault(self, place: Place) -> None:
        # At 1 Mbit/s, a value takes 17 ms on its way from memcached to the service.
        place.run("tc", "-n", self.netns, "qdisc", "add", "dev", self.device, "root", "tbf", "rate", "1mbit",
                  "burst", "1600", "limit", "100000")

    def expected(self, place: Place) -> Expected:
        return Expected(("network", "remote_endpoint"), ({"endpoint": f".*{self.address}:11211.*"},))


SCENARIOS = {"slow_network": SlowNetwork()}
