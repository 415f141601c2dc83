"""18: as with the neighbour on the CPU, while a thread that no request waits for makes a log durable."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_program


class NeighbourBesideLog(Scenario):
    number = "18"
    about = "a service pinned to stress-ng's CPU, beside its own thread that fsyncs all the time"
    right = "the run queue, occupied by stress-ng"
    kpi = "throughput"

    def start(self, place: Place) -> int:
        self.port = place.free_port()
        return start_program(place, "busy_with_log", place.file("log-file"), port=self.port, cpu=0)

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"done\n", connections=2, pause_us=0)

    def fault(self, place: Place) -> None:
        place.start("stress-ng", "--cpu", "8", "--quiet", cpu=0)

    def expected(self, place: Place) -> Expected:
        return Expected(("cpu_contention",), ({"comm": "stress-ng.*"},))


SCENARIOS = {"neighbour_beside_log": NeighbourBesideLog()}
