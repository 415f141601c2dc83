"""What a diagnosis needs: its time and memory, by the length of the recording and the number of threads.

A real recording of a service and of many mostly idle threads is made once, and then repeated in time, in a copy of its
file, to the length that is wanted: an hour would be as long to record.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from measure import Series, say
from processes import PROGRAMS, Failure, running
from report import Table
from tools import STALLSCOPE, stallscope

SECONDS = 20
MINUTES = (10, 60)
# Threads, how many ms each idle one sleeps, and what is said to `record`.  The last makes ten million spells an hour.
LOADS = ((100, 1_000, ()), (1_000, 1_000, ()), (1_000, 370, ("--intervals", "full")))
TICK_BITS = 26  # of the number of a spell within its tick, in the ids of interval_rows
SAMPLES = ("thread_samples", "wait_samples", "occupant_samples", "block_samples", "interval_slice_rows")


def run(rounds: int) -> Table:
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        for threads, period_ms, options in LOADS:
            short = Path(directory) / f"{threads}-{period_ms}.stall"
            _record(short, threads, period_ms, options)
            name = ", ".join([f"{threads:,} threads", *([" ".join(options)] if options else [])])
            for minutes in MINUTES:
                long = Path(directory) / "long.stall"
                _repeat(short, long, minutes * 60 // SECONDS)
                costs = [_diagnose(long) for _ in range(rounds)]
                spells = _count(long)
                say(f"  {name}, {minutes} min: {spells} spells, {costs}")
                rows.append([
                    f"{name}, {minutes} min", f"{spells:,}", f"{long.stat().st_size / 1e6:,.0f}",
                    Series(tuple(cost[0] for cost in costs)).text(2),
                    Series(tuple(cost[1] / 1e6 for cost in costs)).text(0),
                ])
                long.unlink()
    return Table(
        "A diagnosis",
        f"`stallscope diagnose` of a recording of Python's web server under load and of a process whose threads each wake "
        f"once in 1 s (0.37 s where all spells are kept): {SECONDS} s of it, repeated to the length given; {rounds} rounds, median (range).",
        ["", "spells", "file MB", "seconds", "peak MB"], rows)


def _record(output: Path, threads: int, period_ms: int, options: tuple[str, ...]) -> None:
    lifetime_ms = (SECONDS + 60) * 1000
    port = 8000 + os.getpid() % 1000
    with running(PROGRAMS / "idle_threads", str(threads), str(lifetime_ms), str(period_ms)) as idle, tempfile.TemporaryDirectory() as root:
        while '"ready"' not in (line := idle.stdout.readline()):
            if not line:
                raise Failure(f"idle_threads could not start {threads} threads")
        server = subprocess.Popen(
            ["python3", "-m", "http.server", str(port), "--bind", "127.0.0.1"], cwd=root,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        load = subprocess.Popen(
            ["sh", "-c", f"while :; do curl -s http://127.0.0.1:{port}/ >/dev/null; sleep 0.01; done"])
        try:
            time.sleep(1)
            subprocess.run(
                stallscope(*options, "--pid", str(idle.pid), "--pid", str(server.pid), "--duration", f"{SECONDS}s", "--output",
                           str(output)), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        finally:
            for process in (load, server):
                process.kill()
                process.wait()


def _repeat(short: Path, long: Path, times: int) -> None:
    """Copies a recording and appends it to itself, each time later by its own length."""
    shutil.copyfile(short, long)
    with sqlite3.connect(long) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        ticks, first, last = db.execute(
            "SELECT max(tick), min(time_ns - duration_ns), max(time_ns) FROM ticks").fetchone()
        length = last - first
        for number in range(1, times):
            later, tick = number * length, number * ticks
            db.execute(
                "INSERT INTO ticks SELECT tick + ?, time_ns + ?, boot_ns + ?, duration_ns FROM ticks WHERE tick <= ?",
                (tick, later, later, ticks))
            spells = ", ".join(
                column[1] for column in db.execute("PRAGMA table_info(interval_rows)") if column[1] != "id")
            db.execute(
                f"INSERT OR IGNORE INTO interval_rows (id, {spells}) SELECT id + ?, {spells} "
                "FROM interval_rows WHERE id >= 0 AND id < ?", (tick << TICK_BITS, ticks + 1 << TICK_BITS))
            for table in SAMPLES:
                columns = [column[1] for column in db.execute(f"PRAGMA table_info({table})")]
                moved = ", ".join(
                    f"tick + {tick}" if column == "tick" else
                    f"{column} + {later}" if column in ("from_ns", "to_ns") else column for column in columns)
                db.execute(f"INSERT OR IGNORE INTO {table} SELECT {moved} FROM {table} WHERE tick <= {ticks}")
        db.execute("UPDATE thread_versions SET ended_ns = ended_ns + ?", (times * length,))
        db.execute("UPDATE process_versions SET ended_ns = ended_ns + ?", (times * length,))


def _count(recording: Path) -> int:
    with sqlite3.connect(recording) as db:
        return db.execute("SELECT count(*) FROM interval_rows").fetchone()[0]


def _diagnose(recording: Path) -> tuple[float, int]:
    begin = time.monotonic()
    process = subprocess.Popen(
        [STALLSCOPE, "diagnose", str(recording), "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise Failure(f"stallscope diagnose ended with {process.returncode}")
    return time.monotonic() - begin, usage.ru_maxrss * 1024
