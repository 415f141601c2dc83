"""The cgroup of a service that makes data durable gets an I/O limit; the disk has nothing else to do."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_program


class IOLimit(Scenario):
    number = "x7"
    about = "a service that makes 64 KB durable for each request, and its cgroup with 2 MB/s"
    right = "the I/O limit of that cgroup"

    def start(self, place: Place) -> int:
        self.group = place.cgroup("blkio")
        self.port = place.free_port()
        return start_program(place, "durable_writer", place.file("data"), port=self.port, cgroup=self.group)

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"work\n", r"done\n", connections=2, pause_us=5000)

    def fault(self, place: Place) -> None:
        first = self.group / "blkio.throttle.write_bps_device"
        if first.exists():
            first.write_text(f"{place.disk_number} {2 << 20}")
        else:
            (self.group / "io.max").write_text(f"{place.disk_number} wbps={2 << 20}")

    def expected(self, place: Place) -> Expected:
        # In a v1 hierarchy, the blkio cgroup of a process need not be the one that it is known by.
        return Expected(("io_throttle",), ({"cgroup": f"(.*/)?{self.group.name}"},
                                           {"device": [place.disk, place.disk_number]}))


SCENARIOS = {"io_limit": IOLimit()}
