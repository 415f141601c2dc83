"""5: a client opens a transaction, changes a row that everybody wants, and thinks."""

import shlex

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import SYSBENCH_UNITS, start_mariadb

HOT_ROW = SYSBENCH_UNITS + """
function thread_init()
   connection = sysbench.sql.driver():connect()
end
function event()
   connection:query("UPDATE sbtest1 SET k = k + 1 WHERE id = 1")
end
"""


class MariaDBHotRow(Scenario):
    number = "5"
    about = "MariaDB, an open transaction holds a row that sysbench's updates want"
    right = "the holder's connection, which waits for its client"
    kpi = "throughput"

    def start(self, place: Place) -> int:
        self.server = start_mariadb(place, "--innodb-flush-log-at-trx-commit=0")
        return self.server.pid

    def load(self, place: Place) -> Figure:
        script = place.file("hot_row.lua", HOT_ROW)
        place.start(*self.server.sysbench(script, threads=4), "--report-interval=1", "run", output="units")
        return Figure(self.kpi, (place.file("units"),))

    def fault(self, place: Place) -> None:
        talk = ("echo 'SELECT TID FROM information_schema.processlist WHERE ID = CONNECTION_ID();'; while :; do "
                "echo 'BEGIN; UPDATE sbtest1 SET k = k + 1 WHERE id = 1;'; sleep 1; echo 'COMMIT;'; sleep 0.02; done")
        place.start("bash", "-c", f"({talk}) | {shlex.join(self.server.client())} -N --unbuffered sbtest",
                    output="holder")

    def expected(self, place: Place) -> Expected:
        connection = int(place.file("holder").read_text().split()[0])
        return Expected(("client",), ({"pid": self.server.pid, "tid": connection},))


SCENARIOS = {"mariadb_hot_row": MariaDBHotRow()}
