"""What a recording costs on the system call path: a loop of getppid."""

from measure import in_turn
from processes import PROGRAMS, Held, repeatedly
from report import Table
from tools import attached, stallscope

CALLS = 4_000_000
RUNS = 4  # of which the best counts: what disturbs a run only ever makes it slower


def run(rounds: int) -> Table:
    def nanoseconds(command_for) -> float:
        loop = Held(*repeatedly(RUNS, PROGRAMS / "getppid", str(CALLS)))
        bystander = Held("true")
        try:
            with attached(command_for and command_for(loop.pid, bystander.pid)):
                return min(map(float, loop.release().split()))
        finally:
            bystander.release()

    results = in_turn(rounds, "ns", {
        "nothing": lambda: nanoseconds(None),
        "stallscope, another process tracked": lambda: nanoseconds(
            lambda loop, other: stallscope("--pid", str(other))),
        "stallscope, the loop tracked": lambda: nanoseconds(
            lambda loop, other: stallscope("--pid", str(loop))),
        "stallscope --syscalls, another process tracked": lambda: nanoseconds(
            lambda loop, other: stallscope("--syscalls", "--pid", str(other))),
        "stallscope --syscalls=futex, the loop tracked": lambda: nanoseconds(
            lambda loop, other: stallscope("--syscalls=futex", "--pid", str(loop))),
        "stallscope --syscalls, the loop tracked": lambda: nanoseconds(
            lambda loop, other: stallscope("--syscalls", "--pid", str(loop))),
        "stallscope, everything tracked": lambda: nanoseconds(
            lambda loop, other: stallscope("--all")),
    })
    return Table.of_ratios(
        "System calls",
        f"{CALLS:,} calls of getppid in a loop, the best of {RUNS} runs, {rounds} rounds in turn.",
        "ns a call", 1, [results])
