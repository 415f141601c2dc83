"""1: another client has Redis do all that its one thread can."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import fill_redis, start_redis


class RedisSaturated(Scenario):
    number = "1"
    about = "Redis, which a second client keeps busy with long ranges"
    right = "its main thread, computing"

    def start(self, place: Place) -> int:
        self.pid, self.port = start_redis(place)
        fill_redis(place, self.port)
        return self.pid

    def load(self, place: Place) -> Figure:
        return self.client(place, "127.0.0.1", self.port, r"PING\r\n", r"\r\n", pause_us=2000)

    def fault(self, place: Place) -> None:
        place.start("redis-benchmark", "-p", str(self.port), "-c", "50", "-n", "100000000", "-q",
                    "lrange", "numbers", "400", "500")

    def expected(self, place: Place) -> Expected:
        return Expected(("on_cpu",), ({"pid": self.pid, "tid": self.pid},))


SCENARIOS = {"redis_saturated": RedisSaturated()}
