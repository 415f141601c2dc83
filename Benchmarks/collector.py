"""What the collector itself needs: its CPU time, memory and disk with many mostly idle threads."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from measure import Series, say
from processes import PROGRAMS, Failure, cpu_seconds, memory_bytes, running
from report import Table
from tools import stallscope

THREADS = (1_000, 10_000)
SECONDS = 20
SETTLING = 2.0  # the first seconds, in which threads are adopted and named
PERIOD_MS = 10_000  # each thread wakes once in this time


@dataclass(frozen=True)
class Cost:
    share: float  # of one CPU, once settled
    total_seconds: float  # CPU time from start to end
    resident: int
    peak: int
    file_bytes: int


def run(rounds: int) -> Table:
    rows = []
    for threads in THREADS:
        costs = []
        for number in range(1, rounds + 1):
            costs.append(_measure(threads))
            say(f"  round {number}/{rounds}  {threads} threads  {costs[-1]}")

        def column(digits, of) -> str:
            return Series(tuple(of(cost) for cost in costs)).text(digits)

        rows.append([
            f"{threads:,} threads",
            column(2, lambda cost: cost.share * 100),
            column(2, lambda cost: cost.total_seconds),
            column(1, lambda cost: cost.resident / 1e6),
            column(1, lambda cost: cost.peak / 1e6),
            column(1, lambda cost: cost.file_bytes / (threads * SECONDS)),
        ])
    return Table(
        "The collector itself",
        f"Recording one process for {SECONDS} s, whose threads each wake once in {PERIOD_MS // 1000} s; "
        f"{rounds} rounds, median (range). The share of a CPU is taken after the first {SETTLING:.0f} s; the "
        "CPU time is all of it, from start to end.",
        ["", "% of one CPU", "CPU seconds", "resident MB", "peak MB", "recorded bytes a thread-second"], rows)


def _measure(threads: int) -> Cost:
    lifetime_ms = (SECONDS + 60) * 1000
    with tempfile.TemporaryDirectory() as directory, running(
            PROGRAMS / "idle_threads", str(threads), str(lifetime_ms), str(PERIOD_MS)) as target:
        while '"ready"' not in (line := target.stdout.readline()):
            if not line:
                raise Failure(f"idle_threads could not start {threads} threads")
        file = Path(directory) / "recording.stall"
        collector = subprocess.Popen(
            stallscope("--pid", str(target.pid), "--duration", f"{SECONDS}s", "--output", str(file)),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        share, resident, peak = _watch(collector.pid)
        _, status, usage = os.wait4(collector.pid, 0)
        collector.returncode = os.waitstatus_to_exitcode(status)
        if collector.returncode != 0:
            raise Failure(f"stallscope ended with {collector.returncode}")
        size = sum(part.stat().st_size for part in Path(directory).iterdir())
        return Cost(share, usage.ru_utime + usage.ru_stime, resident, peak, size)


def _watch(pid: int) -> tuple[float, int, int]:
    """Follows a process to its end, without reaping it: its CPU share, VmRSS and VmHWM at the last look."""
    begin = time.monotonic()
    first = last = None
    resident = peak = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        elapsed = time.monotonic() - begin
        try:
            # What the collector does after the recording's end (closing the file) is in the total only.
            if elapsed < SECONDS:
                last = (elapsed, cpu_seconds(pid))
                resident, peak = memory_bytes(pid, "VmRSS"), memory_bytes(pid, "VmHWM")
        except (FileNotFoundError, ProcessLookupError):
            pass  # it is ending
        if first is None and elapsed >= SETTLING:
            first = last
        time.sleep(0.1)
    if first is None or last is None or last[0] - first[0] < SECONDS / 2:
        raise Failure("stallscope ended long before its time")
    return (last[1] - first[1]) / (last[0] - first[0]), resident, peak
