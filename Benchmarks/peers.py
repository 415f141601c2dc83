"""What Stallscope costs real services, beside its peers: in each of its modes, with the same load and in the same run."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from applications import APPLICATIONS, P99, RATE, Application, Tool
from hooks import SWITCH, sums
from measure import Result, all_in_turn, say
from processes import ROOT, cpu_seconds, kernel_setting, memory_bytes
from report import Table
from tools import peer, stallscope

# What each of Stallscope's modes adds to the default.
MODES = {
    "stallscope": [],
    "stallscope --intervals full": ["--intervals", "full"],
    "stallscope --page-cache": ["--page-cache"],
    "stallscope --taskstats": ["--taskstats"],
    "stallscope --pmu": ["--pmu", "task-clock,page-faults,context-switches"],
    "stallscope --stacks": ["--stacks"],
    "stallscope --syscalls": ["--syscalls"],
}
PEERS = ["offcputime", "wakeuptime", "runqlat", "syscount"]
SCRIPT = ROOT / "Benchmarks/calls.bt"


def run(rounds: int) -> Iterator[Table]:
    """A table for each application; APPLICATIONS in the environment chooses some of them."""
    chosen = os.environ.get("APPLICATIONS")
    for name in chosen.split(",") if chosen else APPLICATIONS:
        say(f" {name}")
        with APPLICATIONS[name]() as application:
            yield _compare(application, rounds)


def _tools(application: Application) -> dict[str, Tool]:
    def ours(options: list[str]) -> Tool:
        return lambda pid: stallscope("--pid", str(pid), *options)

    def theirs(name: str) -> Tool:
        return lambda pid: peer(name, *(["-p", str(pid)] if application.is_one_process else []))

    tools: dict[str, Tool] = {"nothing": lambda pid: None}
    tools |= {name: ours(options) for name, options in MODES.items()}
    tools |= {name: theirs(name) for name in PEERS}
    tools["bpftrace, each call"] = lambda pid: peer(
        "bpftrace", str(SCRIPT), str(pid if application.is_one_process else 0))
    return tools


def _compare(application: Application, rounds: int) -> Table:
    tools = _tools(application)
    results = all_in_turn(rounds, {
        name: (lambda tool=tool: application.measure(tool, _unwatched)) for name, tool in tools.items()})
    rows = []
    for name, tool in tools.items():
        figures = results[name]
        effort = _effort(application, name, tool)
        rows.append([name, f"{figures[RATE].values.median:,.0f}", figures[RATE].ratios.text(3),
                     _latency(figures.get(P99)), *effort])
    scope = "of this process" if application.is_one_process else "of the whole host, because it has several processes"
    return Table(
        f"Beside its peers: {application.title}",
        f"{application.about} {rounds} rounds in turn. Peers look at events {scope}. Of the rate more is better. "
        "The columns from BPF on are of one more run, with `kernel.bpf_stats_enabled=1`.",
        ["", "a second, median", "relative: median [its 95 % interval] (range)", "p99, ms, and relative",
         "BPF: programs run a second, ns each", "BPF: ms a second", "tool: % of a CPU", "tool: MB",
         "recording: KB a thread-hour"],
        rows)


def _latency(result: Result | None) -> str:
    return f"{result.values.median:.2f}, {result.ratios.median:.2f}" if result else "-"


@contextmanager
def _unwatched(_: int | None) -> Iterator[None]:
    yield


@dataclass
class _Effort:
    """What a tool spent while the load ran."""

    seconds: float = 0
    cpu: float = 0
    resident: int = 0
    runs: int = 0
    run_ns: int = 0


def _effort(application: Application, name: str, tool: Tool) -> list[str]:
    """One more run, in which the kernel measures its programs: the last five columns."""
    if name == "nothing":
        return ["-"] * 5
    effort = _Effort()

    @contextmanager
    def watch(pid: int | None) -> Iterator[None]:
        runs, run_ns, cpu, since = *_programs(), cpu_seconds(pid), time.monotonic()
        yield
        effort.seconds = time.monotonic() - since
        effort.cpu = cpu_seconds(pid) - cpu
        effort.resident = memory_bytes(pid, "VmRSS")
        after = _programs()
        effort.runs, effort.run_ns = after[0] - runs, after[1] - run_ns

    is_ours = name in MODES
    with tempfile.TemporaryDirectory() as directory, kernel_setting(SWITCH, "1"):
        file = Path(directory) / "recording.stall"

        def into_file(pid: int) -> list[str]:
            return [*tool(pid), *(["--output", str(file)] if is_ours else [])]

        application.measure(into_file, watch)
        density = _bytes_a_thread_hour(file) / 1000 if is_ours else None
    each = effort.run_ns / max(effort.runs, 1) - STATISTICS_NS
    return [f"{effort.runs / effort.seconds:,.0f}, {max(each, 0):.0f}",
            f"{max(each, 0) * effort.runs / effort.seconds / 1e6:.1f}",
            f"{effort.cpu / effort.seconds * 100:.1f}", f"{effort.resident / 1e6:.0f}",
            f"{density:,.0f}" if density else "-"]


STATISTICS_NS = 57  # that the measuring itself takes of each run, as docs/performance.md found


def _programs() -> tuple[int, int]:
    """Runs of all BPF programs so far, and their time: the host's others, if any, count with them."""
    spent = sums().values()
    return sum(runs for _, runs in spent), sum(time for time, _ in spent)


def _bytes_a_thread_hour(file: Path) -> float:
    size = sum(part.stat().st_size for part in file.parent.iterdir())
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as recording:
        (alive,) = recording.execute("SELECT sum(alive_ns) FROM thread_seconds").fetchone()
    return size / (alive / 3.6e12)
