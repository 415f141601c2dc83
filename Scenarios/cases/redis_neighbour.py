"""2: somebody else computes on the CPU that Redis is pinned to."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import LONG_ANSWER, LONG_REQUEST, fill_redis, start_redis


class RedisNeighbour(Scenario):
    number = "2"
    about = "Redis pinned to a CPU, stress-ng pinned to the same"
    right = "the run queue, occupied by stress-ng"
    kpi = "throughput"

    def start(self, place: Place) -> int:
        pid, self.port = start_redis(place, cpu=0)
        fill_redis(place, self.port)
        return pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, LONG_REQUEST, LONG_ANSWER, connections=4, pause_us=0)

    def fault(self, place: Place) -> None:
        place.start("stress-ng", "--cpu", "8", "--quiet", cpu=0)

    def expected(self, place: Place) -> Expected:
        return Expected(("cpu_contention",), ({"comm": "stress-ng.*"},))


SCENARIOS = {"redis_neighbour": RedisNeighbour()}
