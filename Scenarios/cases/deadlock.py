"""Two threads of a service each have a lock and want the other's; whoever needs either waits for ever."""

import os
import signal

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_program, threads_of


class Deadlock(Scenario):
    number = "x4"
    about = "a service, two of whose threads lock each other out while requests need the locks"
    right = "the deadlock of these two threads"
    kpi = "throughput"

    def start(self, place: Place) -> int:
        self.port = place.free_port()
        self.pid = start_program(place, "deadlock", port=self.port)
        return self.pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"done\n", connections=4, pause_us=2000)

    def fault(self, place: Place) -> None:
        os.kill(self.pid, signal.SIGUSR1)

    def expected(self, place: Place) -> Expected:
        both = [*threads_of(place, "transfer"), *threads_of(place, "audit")]
        return Expected(("deadlock",), ({"pid": self.pid, "tid": both},))


SCENARIOS = {"deadlock": Deadlock()}
