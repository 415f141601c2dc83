"""The real daemons that the scenarios load, started in a scratch directory on loopback."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from place import PROGRAMS, Place
from processes import Failure


def start_redis(place: Place, *options: str, cpu: int | None = None, cgroup: Path | None = None) -> tuple[int, int]:
    """A Redis without persistence: its process and its port."""
    port = place.free_port()
    pid = place.start("redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", place.folder("redis"),
                      "--save", "", "--appendonly", "no", *options, cpu=cpu, cgroup=cgroup)
    place.until_listens(port)
    return pid, port


# A request that takes Redis long enough to fill a CPU with a few clients, and what its answer ends with.
LONG_REQUEST, LONG_ANSWER = r"LRANGE numbers 0 -1\r\n", r"\r\n600\r\n"


def fill_redis(place: Place, port: int) -> None:
    """The list that LONG_REQUEST asks for."""
    place.run("redis-cli", "-p", str(port), "RPUSH", "numbers", *map(str, range(1, 601)))


def start_program(place: Place, name: str, *arguments: str | Path, port: int, workers: int = 4,
                  cpu: int | None = None, cgroup: Path | None = None, output: str = "service") -> int:
    """One of programs/, which listens on a port, or (port 0) works by itself and prints its own units."""
    pid = place.start(PROGRAMS / name, port, workers, *arguments, cpu=cpu, cgroup=cgroup, output=output)
    if port:
        place.until_listens(port)
    return pid


def threads_of(place: Place, role: str, output: str = "service") -> list[int]:
    """The ids of a program's threads with a role."""
    lines = [line.split() for line in place.file(output).read_text().splitlines()]
    return [int(line[2]) for line in lines if line[:2] == ["thread", role]]


def children_of(pid: int) -> list[int]:
    """The processes below another, at any depth."""
    below = [int(word) for task in Path(f"/proc/{pid}/task").iterdir()
             for word in (task / "children").read_text().split()]
    return below + [one for child in below for one in children_of(child)]


@dataclass(frozen=True)
class MariaDB:
    pid: int
    socket: Path

    def client(self) -> list[str]:
        return ["mariadb", "--no-defaults", "-S", str(self.socket), "-u", "root"]

    def sysbench(self, script: str | Path, tables: int = 2, threads: int = 8) -> list[str]:
        return ["sysbench", str(script), "--db-driver=mysql", f"--mysql-socket={self.socket}", "--mysql-user=root",
                f"--tables={tables}", "--table-size=10000", f"--threads={threads}", "--time=600"]


def start_mariadb(place: Place, *options: str) -> MariaDB:
    """A MariaDB with sysbench's tables in it."""
    data = place.folder("mariadb", user="mysql")
    place.run("mariadb-install-db", "--no-defaults", f"--datadir={data}/data",
              "--auth-root-authentication-method=normal", user="mysql")
    pid = place.start("mariadbd", "--no-defaults", f"--datadir={data}/data", f"--socket={data}/socket",
                      "--skip-networking", *options, user="mysql")
    server = MariaDB(pid, data / "socket")
    place.until_runs("MariaDB answers", *server.client(), "-e", "CREATE DATABASE IF NOT EXISTS sbtest")
    place.run(*server.sysbench("oltp_update_non_index"), "prepare")
    return server


# sysbench says every half second what it completed, in the form that `kpi` reads. `stat.events` are those of the interval.
SYSBENCH_UNITS = """
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds, nanoseconds; } instant; int clock_gettime(int, instant *);")
sysbench.hooks.report_intermediate = function(stat)
   local now = ffi.new("instant")
   ffi.C.clock_gettime(0, now)
   print(string.format("unit %d%09d %d 0", tonumber(now.seconds), tonumber(now.nanoseconds), stat.events))
end
"""


@dataclass(frozen=True)
class PostgreSQL:
    pid: int
    directory: Path
    bin: Path
    port: int

    def client(self) -> list[str]:
        return [str(self.bin / "psql"), "-h", str(self.directory), "-p", str(self.port), "-U", "postgres", "-X"]

    def pgbench(self, *options: str) -> list[str]:
        return [str(self.bin / "pgbench"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", *options,
                "postgres"]


def start_postgresql(place: Place, *options: str) -> PostgreSQL:
    """A PostgreSQL with pgbench's tables in it."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not installed:
        raise Failure("PostgreSQL is not there: scripts/setup scenarios installs it")
    data, port = place.folder("postgresql", user="postgres"), place.free_port()
    place.run(installed[-1] / "initdb", "-D", data / "data", "-A", "trust", user="postgres")
    pid = place.start(installed[-1] / "postgres", "-D", data / "data", "-k", data, "-p", str(port),
                      "-c", "listen_addresses=127.0.0.1", *options, user="postgres")
    server = PostgreSQL(pid, data, installed[-1], port)
    place.until_runs("PostgreSQL answers", *server.client(), "-c", "SELECT 1")
    place.run(*server.pgbench("-i", "-s", "2", "-q"))
    return server
