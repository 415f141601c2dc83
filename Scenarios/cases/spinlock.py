"""17: threads wait for a lock by spinning, which no system call and no sleep tells."""

import os
import signal

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_program, threads_of


class Spinlock(Scenario):
    number = "17"
    about = "a service with a lock in user space that is spun for"
    right = "on the CPU, in the threads that spin; nothing off it"

    def start(self, place: Place) -> int:
        self.port = place.free_port()
        self.pid = start_program(place, "spinlock", port=self.port)
        return self.pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"done\n", connections=2, pause_us=500)

    def fault(self, place: Place) -> None:
        os.kill(self.pid, signal.SIGUSR1)

    def expected(self, place: Place) -> Expected:
        return Expected(("on_cpu",), ({"pid": self.pid, "tid": [None, *threads_of(place, "worker")]},), via=("self",))


SCENARIOS = {"spinlock": Spinlock()}
