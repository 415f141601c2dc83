"""19: nothing is wrong."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_postgresql, start_redis


class Idle(Scenario):
    number = "19a"
    about = "Redis, asked twice a second whether it lives"
    right = "no bottleneck"

    def start(self, place: Place) -> int:
        pid, self.port = start_redis(place)
        return pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"PING\r\n", r"\r\n", pause_us=500_000)

    def expected(self, place: Place) -> Expected:
        return Expected()


class UnderLoad(Scenario):
    number = "19b"
    about = "PostgreSQL under a steady load that it bears"
    right = "no bottleneck"

    def start(self, place: Place) -> int:
        self.server = start_postgresql(place)
        return self.server.pid

    def load(self, place: Place) -> Figure:
        place.start("sh", "-c", 'exec "$@" 2>&1', "pgbench",
                    *self.server.pgbench("-S", "-c", "4", "-T", "600", "--rate=200", "-P", "1", "--progress-timestamp"),
                    output="units")
        return Figure(self.kpi, (place.file("units"),))

    def expected(self, place: Place) -> Expected:
        return Expected()


class LoadDoubled(Scenario):
    number = "19c"
    about = "Redis, whose load doubles without harm"
    right = "no bottleneck"

    def start(self, place: Place) -> int:
        pid, self.port = start_redis(place)
        return pid

    def load(self, place: Place) -> Figure:
        return self._clients(place, "client")

    def fault(self, place: Place) -> None:
        self._clients(place, "more")

    def _clients(self, place: Place, name: str) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"PING\r\n", r"\r\n", connections=4, pause_us=2000, name=name)

    def expected(self, place: Place) -> Expected:
        return Expected()


SCENARIOS = {"idle": Idle(), "under_load": UnderLoad(), "load_doubled": LoadDoubled()}
