"""What a recording costs a saturated service: two Redis on one CPU take turns with their load on another.

A machine's speed may drift by a third within seconds, and a recording takes seconds to begin. So both run at once: one
is watched and one is not, and in slices of some milliseconds the one or the other is asked. Of what a tool does to the
whole host, the ratio of the two shows nothing: that is the tool's own CPU time, in the table, and what an event of
somebody else costs, in "One event".
"""

from __future__ import annotations

import csv
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from measure import say, trimmed
from processes import PROGRAMS, Failure, cpu_seconds, redis_server, wait_for_quiet
from report import Table
from tools import attached, peer, stallscope

CLIENTS = 16
SLICE_MS = 25
SECONDS = 25  # of a round
DEPTHS = (1, 16)
REQUESTS = {1: 250_000, 16: 4_000_000}  # by the depth of the pipeline: about four seconds of `load`

Tool = Callable[[int], Sequence[str] | None]
TOOLS: dict[str, Tool] = {
    "nothing": lambda pid: None,
    "stallscope": lambda pid: stallscope("--pid", str(pid)),
    "offcputime -p": lambda pid: peer("offcputime", "-p", str(pid)),
}


@dataclass
class Comparison:
    """Of groups of four slices, what the watched Redis answered for each answer of the other."""

    ratios: list[float]
    rates: list[float]  # of the one that is not watched, answers a second
    shares: list[float]  # of a CPU, that the tool took


def run(rounds: int) -> Table:
    rows = []
    for depth in DEPTHS:
        found = {name: Comparison([], [], []) for name in TOOLS}
        for number in range(1, rounds + 1):
            say(f"  pipeline {depth}, round {number} of {rounds}")
            for name, tool in TOOLS.items():
                _compare(depth, tool, found[name])
                mean, error = trimmed(found[name].ratios)
                say(f"    {name:<40} {mean:.4f} +- {error:.4f}")
        for name, comparison in found.items():
            mean, error = trimmed(comparison.ratios)
            rows.append([f"pipeline {depth}: {name}", f"{statistics.median(comparison.rates):,.0f}",
                         f"{mean:.3f} ± {error:.3f}", f"{statistics.mean(comparison.shares) * 100:.1f}"])
    return Table(
        "A saturated service",
        f"Two Redis pinned to one CPU, of which one is watched, and a client of {CLIENTS} connections for each pinned "
        f"to another. In slices of {SLICE_MS} ms one or the other is asked, in the order A B B A; {rounds} rounds of "
        f"{SECONDS} s for each tool in turn. The ratio is the mean of the middle three quarters of the groups of four "
        "slices, with its 95 % interval: more is better.",
        ["", "answers a second, not watched", "watched, relative", "the tool's own % of a CPU"], rows)


def _compare(depth: int, tool: Tool, into: Comparison) -> None:
    wait_for_quiet()
    with redis_server(cpu=0) as (watched, (_, first)), redis_server(cpu=0) as (_, (_, second)):
        with attached(tool(watched)) as pid:
            since, spent = time.monotonic(), cpu_seconds(pid) if pid else 0
            clients = [_client(port, phase, depth) for phase, port in enumerate((first, second))]
            outputs = [client.communicate()[0] for client in clients]
            if any(client.returncode for client in clients):
                raise Failure(f"{clients[0].args} ended with an error")
            into.shares.append(((cpu_seconds(pid) if pid else 0) - spent) / (time.monotonic() - since))
    groups: dict[int, tuple[list[float], list[float]]] = {}
    for phase, output in enumerate(outputs):
        for number, answers, nanoseconds in (map(int, line.split()) for line in output.splitlines()):
            groups.setdefault(number // 4, ([], []))[phase].append(answers / nanoseconds * 1e9)
    for first_rates, second_rates in groups.values():
        if len(first_rates) == len(second_rates) == 2:
            into.ratios.append(sum(first_rates) / sum(second_rates))
            into.rates += second_rates


def _client(port: int, phase: int, depth: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["taskset", "-c", "1", str(PROGRAMS / "alternate"),
         *map(str, (port, phase, SLICE_MS, SECONDS, CLIENTS, depth))], stdout=subprocess.PIPE, text=True)


def load(port: int, depth: int) -> dict[str, float]:
    """What redis-benchmark says of one run: rps, p99_latency_ms and others."""
    output = subprocess.run(
        ["taskset", "-c", "1", "redis-benchmark", "-p", str(port), "-c", str(CLIENTS), "-P", str(depth),
         "-n", str(REQUESTS[depth]), "-t", "get", "--csv"],
        capture_output=True, text=True, check=True).stdout
    row = next(csv.DictReader(output.splitlines()))
    return {name: float(value) for name, value in row.items() if name != "test"}
