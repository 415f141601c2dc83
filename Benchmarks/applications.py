"""Real services under load, as the comparison with peers measures them: each with what its clients got."""

from __future__ import annotations

import re
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis
from processes import ROOT, Failure, Held, redis_server
from tools import attached

sys.path.append(str(ROOT / "Scenarios"))
from place import Place  # noqa: E402
from services import start_mariadb, start_postgresql  # noqa: E402

SECONDS = 4  # of load in a run
CLIENTS = 16

# By the process to watch: the tool to attach to it, if any.
Tool = Callable[[int], Sequence[str] | None]
# Entered when the tool is attached, left when the load is over: it gets the tool's process.
Watch = Callable[[int | None], contextmanager]

RATE, P99 = "a second", "ms p99"


class Application(ABC):
    """Something that runs, and can be given a load."""

    title: str
    about: str
    is_one_process = True  # peers that can watch one process are asked to

    @abstractmethod
    def measure(self, tool: Tool, watch: Watch) -> dict[str, float]:
        """Attaches the tool and loads it: RATE, and P99 where the load's program tells it."""


class Service(Application):
    """A server that stays while one load after the other asks it."""

    def __init__(self, title: str, about: str, pid: int, load: Callable[[], dict[str, float]],
                 is_one_process: bool = True) -> None:
        self.title, self.about, self.is_one_process = title, about, is_one_process
        self._pid, self._load = pid, load

    def measure(self, tool: Tool, watch: Watch) -> dict[str, float]:
        with attached(tool(self._pid)) as process, watch(process):
            return self._load()


class Bench(Application):
    """One of perf's own benchmarks: its processes are new each time, and wait until the tool is attached."""

    is_one_process = False

    def __init__(self, title: str, about: str, operations: int, *command: str) -> None:
        self.title, self.about = title, about
        self._operations, self._command = operations, command

    def measure(self, tool: Tool, watch: Watch) -> dict[str, float]:
        held = Held(*self._command)
        try:
            with attached(tool(held.pid)) as process, watch(process):
                seconds = float(held.release())
        except Failure:
            held.end()
            raise
        return {RATE: self._operations / seconds}


@contextmanager
def _redis(depth: int) -> Iterator[Application]:
    def load() -> dict[str, float]:
        said = redis.load(port, depth)
        return {RATE: said["rps"], P99: said["p99_latency_ms"]}

    with redis_server(cpu=0) as (pid, (_, port)):
        yield Service(f"Redis, pipeline {depth}",
                      f"Redis pinned to one CPU, redis-benchmark (GET, {redis.CLIENTS} clients) to another.", pid, load)


@contextmanager
def _mariadb() -> Iterator[Application]:
    with Place() as place:
        server = start_mariadb(place, "--innodb-flush-log-at-trx-commit=2")
        command = [*(word for word in server.sysbench("oltp_read_write") if not word.startswith("--time=")),
                   f"--time={SECONDS}", "--percentile=99", "run"]

        def load() -> dict[str, float]:
            said = place.run(*command)
            return {RATE: _figure(r"transactions: .*\(([\d.]+) per sec", said),
                    P99: _figure(r"99th percentile: +([\d.]+)", said)}

        yield Service("MariaDB", "MariaDB, sysbench oltp_read_write with 8 threads.", server.pid, load)


@contextmanager
def _postgresql() -> Iterator[Application]:
    with Place() as place:
        server = start_postgresql(place, "-c", "fsync=off")
        log = place.folder("transactions")
        command = [*server.pgbench("-S", "-M", "prepared", "-c", "8", "-T", str(SECONDS), "-l",
                                   f"--log-prefix={log}/t", "--sampling-rate=0.2")]

        def load() -> dict[str, float]:
            rate = _figure(r"tps = ([\d.]+) \(without", place.run(*command))
            lengths: list[int] = []
            for file in log.iterdir():
                lengths += (int(line.split()[2]) for line in file.read_text().splitlines())
                file.unlink()
            lengths.sort()
            return {RATE: rate, P99: lengths[len(lengths) * 99 // 100] / 1000}

        yield Service("PostgreSQL", "PostgreSQL, pgbench -S with 8 clients and prepared statements.", server.pid,
                      load, is_one_process=False)


NGINX = """
daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log; user www-data; worker_processes 1;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 100000000;
        server {{ listen 127.0.0.1:{port}; root {directory}/pages; }} }}
"""


@contextmanager
def _nginx() -> Iterator[Application]:
    with Place() as place:
        port = place.free_port()
        page = place.folder("pages") / "index.html"
        page.write_text("x" * 1024)
        pid = place.start("nginx", "-c", place.file("nginx.conf", NGINX.format(directory=place.directory, port=port)))
        place.until_listens(port)

        def load() -> dict[str, float]:
            said = place.run("wrk", "-t", "1", "-c", str(CLIENTS), "-d", str(SECONDS), "--latency",
                             f"http://127.0.0.1:{port}/index.html")
            return {RATE: _figure(r"Requests/sec: +([\d.]+)", said), P99: _time(r"99% +([\d.]+)(us|ms|s)", said)}

        yield Service("nginx", f"nginx with one worker and a page of 1 KB, wrk with {CLIENTS} connections.", pid, load,
                      is_one_process=False)


@contextmanager
def _memcached() -> Iterator[Application]:
    with Place() as place:
        port = place.free_port()
        pid = place.start("memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-t", "2")
        place.until_listens(port)

        def load() -> dict[str, float]:
            said = place.run("memaslap", "-s", f"127.0.0.1:{port}", "-T", "1", "-c", str(CLIENTS), "-t",
                             f"{SECONDS}s")
            return {RATE: _figure(r"TPS: (\d+)", said)}

        yield Service("memcached", f"memcached with two threads, memaslap with {CLIENTS} connections.", pid, load)


@contextmanager
def _pipe() -> Iterator[Application]:
    operations = 200_000
    yield Bench("perf bench sched pipe", f"Pinned to one CPU, {operations:,} operations of two switches and two "
                "wakings.", operations,
                "taskset", "-c", "1", "perf", "bench", "-f", "simple", "sched", "pipe", "-l", str(operations))


@contextmanager
def _messaging() -> Iterator[Application]:
    groups, loops = 4, 200
    yield Bench("perf bench sched messaging",
                f"{groups} groups of 40 processes, each of 20 senders sends {loops} times to each of 20 receivers.",
                groups * 400 * loops, "perf", "bench", "-f", "simple", "sched", "messaging", "-g", str(groups), "-l",
                str(loops))


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise Failure(f"nothing like {pattern!r} in:\n{text[-2000:]}")
    return float(found[1])


def _time(pattern: str, text: str) -> float:
    """In milliseconds."""
    found = re.search(pattern, text)
    if not found:
        raise Failure(f"nothing like {pattern!r} in:\n{text[-2000:]}")
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


APPLICATIONS: dict[str, Callable[[], contextmanager]] = {
    "redis": lambda: _redis(1),
    "redis-pipelined": lambda: _redis(16),
    "mariadb": _mariadb,
    "postgresql": _postgresql,
    "nginx": _nginx,
    "memcached": _memcached,
    "pipe": _pipe,
    "messaging": _messaging,
}
