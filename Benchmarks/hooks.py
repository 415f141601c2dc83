"""What each of our programs costs an event, by the kernel's own statistics of BPF programs."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import Series, say
from pipe import CPU, OPERATIONS
from processes import ROOT, Failure, Held, kernel_setting, wait_for_quiet
from report import Table
from tools import attached, stallscope

SWITCH = Path("/proc/sys/kernel/bpf_stats_enabled")
PROGRAMS = {"on_switch": "a switch", "on_waking": "a waking"}
# Together they are what a request to a block device costs, which the last of them counts.
BLOCK = ["on_io_start", "on_insert", "on_issue", "on_complete"]
READS = 20_000


def run(rounds: int) -> Table:
    series: dict[tuple[str, str], list[float]] = {}
    for number in range(1, rounds + 1):
        say(f"  round {number} of {rounds}")
        wait_for_quiet()
        for name, options in {
            "neither thread tracked": lambda bench, other: ["--pid", str(other)],
            "both tracked": lambda bench, other: ["--pid", str(bench)],
        }.items():
            for program, cost in _costs(options).items():
                series.setdefault((name, program), []).append(cost)
        series.setdefault(("", "block"), []).append(_block_cost())
    names = PROGRAMS | {"block": f"a request to a block device, all {len(BLOCK)} programs"}
    rows = [
        [", ".join(filter(None, [names[program], name])), Series(tuple(values)).text(0)]
        for (name, program), values in series.items()
    ]
    return Table(
        "One event",
        f"The same load, and {READS:,} reads with O_DIRECT, {rounds} rounds: time in the program by `kernel.bpf_stats_enabled`, which adds two readings "
        "of the clock to each run. With it an empty program takes about 57 ns here.",
        ["", "ns, median (range)"], rows)


def _costs(options: Callable[[int, int], list[str]]) -> dict[str, float]:
    bench = Held("taskset", "-c", CPU, "perf", "bench", "-f", "simple", "sched", "pipe", "-l", str(OPERATIONS))
    bystander = Held("true")
    try:
        with kernel_setting(SWITCH, "1"), attached(stallscope(*options(bench.pid, bystander.pid))):
            spent = _spent(bench.release)
    finally:
        bystander.release()
    return {program: spent[program][0] / max(1, spent[program][1]) for program in PROGRAMS}


def _block_cost() -> float:
    with tempfile.NamedTemporaryFile(dir=ROOT / ".build") as file:
        file.truncate(READS * 4096)
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={file.name}", "bs=1M", f"count={READS * 4096 >> 20}", "conv=fsync"],
            stderr=subprocess.DEVNULL, check=True)
        read = ["dd", f"if={file.name}", "of=/dev/null", "bs=4k", "iflag=direct", f"count={READS}"]
        bystander = Held("true")
        try:
            with kernel_setting(SWITCH, "1"), attached(stallscope("--pid", str(bystander.pid))):
                spent = _spent(lambda: subprocess.run(read, stderr=subprocess.DEVNULL, check=True))
        finally:
            bystander.release()
    return sum(spent[program][0] for program in BLOCK) / max(1, spent[BLOCK[-1]][1])


def _spent(load: Callable[[], object]) -> dict[str, tuple[int, int]]:
    """By program: nanoseconds and runs while a load ran."""
    before = sums()
    load()
    return {
        program: (time - before.get(program, (0, 0))[0], runs - before.get(program, (0, 0))[1])
        for program, (time, runs) in sums().items()
    }


def sums() -> dict[str, tuple[int, int]]:
    """By the name of the host's programs: nanoseconds and runs so far."""
    bpftool = shutil.which("bpftool") or shutil.which("bpftool", path="/usr/sbin")
    if bpftool is None:
        raise Failure("bpftool is not there: install it (`scripts/setup bench`)")
    shown = subprocess.run([bpftool, "-j", "prog", "show"], capture_output=True, text=True, check=True)
    found: dict[str, tuple[int, int]] = {}
    for program in json.loads(shown.stdout):
        time, runs = found.get(name := program.get("name", ""), (0, 0))
        found[name] = (time + program.get("run_time_ns", 0), runs + program.get("run_cnt", 0))
    return found
