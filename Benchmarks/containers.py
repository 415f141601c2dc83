"""What changes when a service runs in a container: the same Redis, on the host and in namespaces and a cgroup."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable

from isolation import Container
from measure import in_turn
from processes import Failure, redis_server
from report import Table
from tools import STALLSCOPE, attached, stallscope

CLIENTS = 16
REQUESTS = 250_000  # about three seconds

# As in docs/applications.md: of what ended in the recording, and of threads that ran.
COVERAGE = """
    SELECT round(100.0 * sum(total_ns * (resource_id > 0)) / sum(total_ns), 2) AS named,
           round(100.0 * sum(total_ns * (waker_kind NOT IN ('unknown', 'pending', 'interrupt')))
                 / sum(total_ns * (waker_kind <> 'pending')), 2) AS ended
    FROM waits
    WHERE kind <> 'kernel_thread'
      AND thread IN (SELECT thread FROM thread_seconds GROUP BY thread HAVING sum(on_cpu_ns) > 0)"""


def run(rounds: int) -> Table:
    rows = []
    for place, container in {"on the host": None, "in a container": Container}.items():
        with redis_server(cpu=0, isolation=container() if container else None) as (pid, address):
            load = _load(address)
            results = in_turn(rounds, "requests/s", {
                f"{place}: nothing": lambda load=load: _under(None, load),
                f"{place}: recorded": lambda load=load, pid=pid: _under(stallscope("--pid", str(pid)), load),
            })
            nothing, recorded = results.values()
            rows.append([
                place, f"{nothing.values.median:,.0f}", recorded.ratios.text(3), *_coverage(pid, load)])
    return Table(
        "In a container",
        f"Redis pinned to one CPU, redis-benchmark (GET, {CLIENTS} clients) on the host pinned to another, "
        f"{rounds} rounds in turn. In the container Redis has pid, mount, network, UTS and IPC namespaces and "
        "a cgroup of its own, and is reached through a veth pair. Throughput: more is better.",
        ["", "requests/s, median", "recorded, relative (range)", "blocked time with a resource",
         "ended waits with a waker"],
        rows)


def _load(address: tuple[str, int]) -> Callable[[], float]:
    command = [
        "taskset", "-c", "1", "redis-benchmark", "-h", address[0], "-p", str(address[1]), "-c", str(CLIENTS),
        "-n", str(REQUESTS), "-t", "get", "--csv"]

    def measure() -> float:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return float(output.splitlines()[-1].split(",")[1].strip('"'))
    return measure


def _under(tool: list[str] | None, load: Callable[[], float]) -> float:
    with attached(tool):
        return load()


def _coverage(pid: int, load: Callable[[], float]) -> list[str]:
    with tempfile.TemporaryDirectory() as directory:
        file = f"{directory}/recording.stall"
        with attached([*stallscope("--pid", str(pid)), "--output", file]):
            load()
        answer = subprocess.run([STALLSCOPE, "query", file, COVERAGE, "--json"], capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failure(f"the recording cannot be read: {answer.stderr}")
    row = json.loads(answer.stdout)[0]
    return [f"{row['named']:.2f} %", f"{row['ended']:.2f} %"]
