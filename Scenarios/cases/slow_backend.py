"""10: nginx asks an application of two processes, which asks a backend that begins to take its time."""

import os
import signal

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import children_of

# A line in, a line out; each answer takes as long as a sleep does.
BACKEND = """
import signal, socketserver, sys, time

pause = 0.002

def slow_down(*_):
    global pause
    pause = 0.05

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            time.sleep(pause)
            self.wfile.write(line)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

signal.signal(signal.SIGUSR1, slow_down)
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

# Two processes that accept from one unix socket, with a connection to the backend for each thread.
APPLICATION = """
import http.server, os, socket, socketserver, sys, threading

ours = threading.local()

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not hasattr(ours, "backend"):
            ours.backend = socket.create_connection(("127.0.0.1", int(sys.argv[2]))).makefile("rwb", 0)
        ours.backend.write(b"question\\n")
        body = ours.backend.readline() * 20
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    request_queue_size = 64
    daemon_threads = True

    def get_request(self):
        request, _ = super().get_request()
        return request, ("unix", 0)

server = Server(sys.argv[1], Handler)
os.chmod(sys.argv[1], 0o777)
os.fork()
server.serve_forever()
"""

NGINX = """
daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log; user www-data; worker_processes 1;
events {{ worker_connections 128; }}
http {{ access_log off;
  upstream application {{ server unix:{directory}/application.socket; keepalive 16; }}
  server {{ listen 127.0.0.1:{port}; keepalive_requests 1000000;
    location / {{ proxy_pass http://application; proxy_http_version 1.1; proxy_set_header Connection ""; }} }} }}
"""


class SlowBackend(Scenario):
    number = "10"
    about = "nginx, a Python application of two processes, and a Python backend that begins to sleep"
    right = "the backend, sleeping"

    def start(self, place: Place) -> int:
        port, self.port = place.free_port(), place.free_port()
        self.backend = place.start("python3", place.file("backend.py", BACKEND), str(port))
        place.until_listens(port)
        place.start("python3", place.file("application.py", APPLICATION), place.file("application.socket"), str(port))
        place.until("the application makes its socket", place.file("application.socket").exists)
        nginx = place.file("nginx.conf", NGINX.format(directory=place.directory, port=self.port))
        pid = place.start("nginx", "-c", nginx)
        place.until_listens(self.port)
        return pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                           r"question\n" * 3, connections=4, pause_us=5000)

    def fault(self, place: Place) -> None:
        os.kill(self.backend, signal.SIGUSR1)

    def expected(self, place: Place) -> Expected:
        return Expected(("sleep",), ({"pid": [self.backend, *children_of(self.backend)]},))


SCENARIOS = {"slow_backend": SlowBackend()}
