"""The memory limit of a service's cgroup becomes too small for the file that it works on."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_program

ENOUGH, TOO_LITTLE = 512 << 20, 40 << 20


class MemoryLimit(Scenario):
    number = "x6"
    about = "a service that reads a file of 128 MB, and its cgroup with room for 40"
    right = "memory of that cgroup"

    def start(self, place: Place) -> int:
        self.group = place.cgroup("memory")
        self._limit(ENOUGH)
        self.port = place.free_port()
        return start_program(place, "cached_reader", place.file("data"), port=self.port, cgroup=self.group)

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"done\n", connections=3, pause_us=2000)

    def fault(self, place: Place) -> None:
        self._limit(TOO_LITTLE)

    def _limit(self, size: int) -> None:
        first = self.group / "memory.limit_in_bytes"
        (first if first.exists() else self.group / "memory.max").write_text(str(size))

    def expected(self, place: Place) -> Expected:
        return Expected(("memory",), ({"cgroup": f"(.*/)?{self.group.name}"},))


SCENARIOS = {"memory_limit": MemoryLimit()}
