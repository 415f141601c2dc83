"""13: workers wait on a futex for a thread that waits on a pipe for a process that waits for the disk."""

import os
import signal

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_program


class ChainToDisk(Scenario):
    right = "the disk, through that futex; blame adds up to the wait"

    def __init__(self, waiters: int) -> None:
        self.waiters = waiters
        self.number = f"13-{waiters}"
        self.about = f"futex, pipe, fsync: a chain to the disk with {waiters} waiting at its end"

    def start(self, place: Place) -> int:
        self.port = place.free_port()
        self.pid = start_program(place, "chain_to_disk", place.file("records"), port=self.port)
        return self.pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"done\n", connections=self.waiters,
                           pause_us=2000)

    def fault(self, place: Place) -> None:
        os.kill(self.pid, signal.SIGUSR1)

    def expected(self, place: Place) -> Expected:
        return Expected(("block_device",), ({"device": [place.disk, place.disk_number]},), via=("futex",))


SCENARIOS = {"chain_to_disk_1": ChainToDisk(1), "chain_to_disk_8": ChainToDisk(8)}
