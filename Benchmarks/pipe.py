"""What a recording costs a context switch: two processes play ping-pong on one CPU."""

from measure import in_turn
from processes import PROGRAMS, Held, repeatedly
from report import Table
from tools import attached, peer, stallscope

OPERATIONS = 100_000
RUNS = 4  # of which the best counts: what disturbs a run only ever makes it slower
CPU = "1"


def run(rounds: int) -> Table:
    def microseconds(command_for) -> float:
        bench = Held(*repeatedly(RUNS, "taskset", "-c", CPU, "perf", "bench", "-f", "simple",
                                 "sched", "pipe", "-l", str(OPERATIONS)))
        bystander = Held("true")
        try:
            with attached(command_for and command_for(bench.pid, bystander.pid)):
                return min(map(float, bench.release().split())) / OPERATIONS * 1e6
        finally:
            bystander.release()

    results = in_turn(rounds, "us", {
        "nothing": lambda: microseconds(None),
        "three empty programs": lambda: microseconds(
            lambda bench, other: [str(PROGRAMS / "attach"), str(PROGRAMS / "empty.bpf.o")]),
        "stallscope, neither tracked": lambda: microseconds(
            lambda bench, other: stallscope("--pid", str(other))),
        "stallscope, both tracked": lambda: microseconds(
            lambda bench, other: stallscope("--pid", str(bench))),
        "runqlat": lambda: microseconds(lambda bench, other: peer("runqlat")),
        "wakeuptime": lambda: microseconds(lambda bench, other: peer("wakeuptime")),
        "offcputime": lambda: microseconds(lambda bench, other: peer("offcputime")),
    })
    return Table.of_ratios(
        "Context switches",
        f"`perf bench sched pipe` pinned to one CPU, {OPERATIONS:,} operations of two switches and two "
        f"wakeups each, the best of {RUNS} runs, {rounds} rounds in turn.",
        "us an operation", 2, [results])
