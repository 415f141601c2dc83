"""What the options that record more cost, beside a recording with the default."""

import tempfile

from measure import in_turn
from pipe import CPU, OPERATIONS, RUNS
from processes import Held, repeatedly
from report import Table
from tools import attached, stallscope

MEGABYTES = 512


def run(rounds: int) -> Table:
    def pipe(*options: str) -> float:
        bench = Held(*repeatedly(RUNS, "taskset", "-c", CPU, "perf", "bench", "-f", "simple",
                                 "sched", "pipe", "-l", str(OPERATIONS)))
        with attached(stallscope("--pid", str(bench.pid), *options)):
            return min(map(float, bench.release().split())) / OPERATIONS * 1e6

    switches = in_turn(rounds, "us", {
        "two switches: default": pipe,
        "`--intervals off`": lambda: pipe("--intervals", "off"),
        "`--intervals full`": lambda: pipe("--intervals", "full"),
        "`--pmu page-faults`": lambda: pipe("--pmu", "page-faults"),
        "`--pmu` with four events": lambda: pipe(
            "--pmu", "page-faults,context-switches,cpu-migrations,task-clock"),
        "`--taskstats`": lambda: pipe("--taskstats"),
        "`--stacks`": lambda: pipe("--stacks"),
        "`--syscalls`": lambda: pipe("--syscalls"),
    })
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
        for _ in range(MEGABYTES):
            file.write(bytes(1 << 20))
        file.flush()

        def reading(*options: str) -> float:
            bench = Held(*repeatedly(RUNS, "sh", "-c", 'start=$(date +%s%N); dd if="$0" of=/dev/null bs=1M status=none; '
                                     'echo $(($(date +%s%N) - start))', file.name))
            with attached(stallscope("--pid", str(bench.pid), *options)):
                return min(map(float, bench.release().split())) / (MEGABYTES << 8) / 1000

        pages = in_turn(rounds, "us", {
            "a page read from the page cache: default": reading,
            "`--page-cache`": lambda: reading("--page-cache"),
        })
    return Table.of_ratios(
        "What options cost",
        f"Beside a recording with the default: the load of \"Context switches\", both sides tracked, and reading a file of "
        f"{MEGABYTES} MB from the page cache; the best of {RUNS} runs, {rounds} rounds in turn.",
        "us", 3, [switches, pages])
