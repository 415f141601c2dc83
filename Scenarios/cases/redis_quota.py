"""3: the cgroup of Redis gets a CPU quota, while the CPUs have nothing else to do."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import LONG_ANSWER, LONG_REQUEST, fill_redis, start_redis


class RedisQuota(Scenario):
    number = "3"
    about = "Redis in a cgroup that gets a CPU quota"
    right = "that cgroup's quota"
    kpi = "throughput"

    def start(self, place: Place) -> int:
        self.group = place.cgroup("cpu")
        pid, self.port = start_redis(place, cgroup=self.group)
        fill_redis(place, self.port)
        return pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, LONG_REQUEST, LONG_ANSWER, connections=4, pause_us=0)

    def fault(self, place: Place) -> None:
        # A twentieth of a CPU.
        first, second = self.group / "cpu.cfs_quota_us", self.group / "cpu.max"
        if first.exists():
            first.write_text("5000")
        else:
            second.write_text("5000 100000")

    def expected(self, place: Place) -> Expected:
        return Expected(("cpu_quota",), ({"cgroup": f"(.*/)?{self.group.name}"},))


SCENARIOS = {"redis_quota": RedisQuota()}
