"""A PostgreSQL client leaves a transaction open that holds the row which everybody updates: one process per connection."""

import shlex

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import start_postgresql


class IdleInTransaction(Scenario):
    number = "x1"
    about = "PostgreSQL, a client sits idle in a transaction that holds a hot row"
    right = "that client's backend, which waits for its client"
    kpi = "throughput"

    def start(self, place: Place) -> int:
        self.server = start_postgresql(place, "-c", "fsync=off")
        return self.server.pid

    def load(self, place: Place) -> Figure:
        script = place.file("hot_row.sql", "UPDATE pgbench_branches SET bbalance = bbalance + 1 WHERE bid = 1;\n")
        place.start("sh", "-c", 'exec "$@" 2>&1', "pgbench",
                    *self.server.pgbench("-n", "-f", script, "-c", "4", "-T", "600", "-P", "1", "--progress-timestamp"),
                    output="units")
        return Figure(self.kpi, (place.file("units"),))

    def fault(self, place: Place) -> None:
        # One transaction for the whole phase: until it ends, nobody's wait has. The client ends it by itself, just before
        # the recording does; if the harness did, it would be the one that everybody had waited for.
        talk = ("echo 'SELECT pg_backend_pid(); BEGIN; UPDATE pgbench_branches SET bbalance = 0 WHERE bid = 1;'; "
                f"sleep {self.fault_seconds + 0.8}; echo 'COMMIT;'; sleep 600")
        place.start("bash", "-c", f"({talk}) | {shlex.join(self.server.client())} -qtA", output="holder")

    def expected(self, place: Place) -> Expected:
        backend = int(place.file("holder").read_text().split()[0])
        return Expected(("client",), ({"pid": backend},))


SCENARIOS = {"idle_in_transaction": IdleInTransaction()}
