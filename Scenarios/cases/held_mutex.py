"""12: a thread of the service computes while it has the mutex that every request needs."""

import os
import signal

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_program, threads_of


class HeldMutex(Scenario):
    right = "the holder, computing, through that futex"

    def __init__(self, connections: int) -> None:
        self.connections = connections
        self.number = "12" if connections else "x8"
        self.about = ("a threaded service" if connections else "a threaded program without connections"
                      ) + ", a mutex held while computing"

    def start(self, place: Place) -> int:
        self.port = place.free_port() if self.connections else 0
        self.pid = start_program(place, "held_mutex", port=self.port)
        return self.pid

    def load(self, place: Place) -> Figure:
        if not self.connections:
            return Figure(self.kpi, (place.file("service"),))  # its workers find work by themselves, and say so
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"done\n", connections=self.connections,
                           pause_us=2000)

    def fault(self, place: Place) -> None:
        os.kill(self.pid, signal.SIGUSR1)

    def expected(self, place: Place) -> Expected:
        return Expected(("on_cpu",), ({"pid": self.pid, "tid": threads_of(place, "maintenance")},), via=("futex",))


SCENARIOS = {"held_mutex": HeldMutex(3), "held_mutex_alone": HeldMutex(0)}
