"""6: somebody else makes data durable on the disk that MariaDB's commits need."""

from kpi import Figure
from place import Place
from scenario import Expected, Scenario
from services import SYSBENCH_UNITS, start_mariadb

UPDATES = SYSBENCH_UNITS + """
function thread_init()
   connection = sysbench.sql.driver():connect()
end
function event()
   connection:query("UPDATE sbtest1 SET k = k + 1 WHERE id = " .. sysbench.rand.uniform(1, 10000))
end
"""


class MariaDBDisk(Scenario):
    number = "6"
    about = "MariaDB with durable commits, fio with fsync on the same disk"
    right = "the disk, loaded by fio"
    kpi = "throughput"

    def start(self, place: Place) -> int:
        self.server = start_mariadb(place, "--innodb-flush-log-at-trx-commit=1")
        # Deep enough a queue of large writes to fill a fast disk too. Its files are made beforehand.
        self.backup = ["fio", "--name=backup", f"--directory={place.folder('backup')}", "--rw=randwrite", "--bs=1m",
                       "--size=256m", "--numjobs=2", "--direct=1", "--ioengine=libaio", "--iodepth=32", "--fsync=32",
                       "--time_based", "--runtime=600"]
        place.run(*self.backup, "--create_only=1")
        return self.server.pid

    def load(self, place: Place) -> Figure:
        script = place.file("updates.lua", UPDATES)
        place.start(*self.server.sysbench(script, threads=4), "--report-interval=1", "run", output="units")
        return Figure(self.kpi, (place.file("units"),))

    def fault(self, place: Place) -> None:
        place.start(*self.backup)

    def expected(self, place: Place) -> Expected:
        return Expected(("block_device",), ({"device": [place.disk, place.disk_number], "comm": "fio"},))


SCENARIOS = {"mariadb_disk": MariaDBDisk()}
