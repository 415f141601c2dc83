"""Runs the scenarios and prints the scoreboard: python3 Scenarios [--name NAME...] [--rounds N] [--write]."""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Starting processes, and attaching Stallscope, is what the benchmarks do too.
sys.path.append(str(Path(__file__).resolve().parent.parent / "Benchmarks"))

from board import RESULTS, Result, markdown, publish, write_results  # noqa: E402
from catalogue import SCENARIOS, named  # noqa: E402
from judge import judge  # noqa: E402
from measure import say  # noqa: E402
from processes import ROOT, Failure, kernel_setting  # noqa: E402
from recorder import diagnose  # noqa: E402
from run import KEPT, Run, run  # noqa: E402

AUTOGROUP = Path("/proc/sys/kernel/sched_autogroup_enabled")


def main() -> int:
    parser = argparse.ArgumentParser(prog="Scenarios", description="Checks the diagnosis against known faults.")
    parser.add_argument("--name", action="append", help="only this one, by name or number (repeatable)")
    parser.add_argument("--rounds", type=int, default=1, help="how often each runs")
    parser.add_argument("--first", type=int, default=1, help="the first round's number, to keep what earlier ones recorded")
    parser.add_argument("--again", action="store_true", help="judge the recordings that earlier runs kept")
    parser.add_argument("--no-diagnosis", action="store_true", help="only see how much the faults harm")
    parser.add_argument("--write", action="store_true", help="write the scoreboard into docs/diagnosis.md")
    parser.add_argument("--list", action="store_true", help="name them all and stop")
    options = parser.parse_args()
    if options.list:
        for name, scenario in SCENARIOS.items():
            print(f"{scenario.number:4} {name:28} {scenario.about}: {scenario.right}")
        return 0
    if os.geteuid() != 0:
        # Recording, cgroups and namespaces need root.
        os.execvp("sudo", ["sudo", "--preserve-env=STALLSCOPE", sys.executable, "-B", *sys.argv])
    os.environ["PATH"] = f"{ROOT / '.build/tools'}:{os.environ['PATH']}:/usr/sbin:/sbin"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results: list[Result] = []
    status = 0
    try:
        names = named(options.name)
        for one in _kept(names) if options.again else _fresh(names, options.first, options.rounds):
            results.append(_judged(one, ask=not options.no_diagnosis))
    except Failure as failure:
        say(str(failure))
        status = 1
    except KeyboardInterrupt:
        say("Interrupted; what ran until now:")
        status = 130
    if not results:
        return status or 1
    if not options.again and len(results) < len(names) * options.rounds:
        status = status or 1  # somebody could not run, and said why
    write_results(results)
    table = markdown(SCENARIOS, results)
    print(table)
    say(f"Every run: {RESULTS.relative_to(ROOT)}; recordings: {KEPT.relative_to(ROOT)}")
    if options.write and status == 0:
        publish(table)
    return status


def _fresh(names: list[str], first: int, rounds: int) -> Iterator[Run]:
    last = first + rounds - 1
    with _alone(), _without_autogroups():
        for number in range(first, last + 1):
            for name in names:
                say(f"{name}, round {number} of {last}")
                try:
                    done = run(name, SCENARIOS[name], number)
                except Failure as failure:
                    say(f"    it did not run: {failure}")  # the others can
                else:
                    yield done


def _kept(names: list[str]) -> Iterator[Run]:
    for name in names:
        for truth in sorted(KEPT.glob(f"{name}-*.json")):
            if truth.stem.rpartition("-")[0] == name:
                say(truth.stem)
                yield Run.kept(truth)


def _judged(one: Run, ask: bool) -> Result:
    counts = "" if one.counts else "; it does not count"
    say(f"    {one.change.text()}{counts}")
    if not ask:
        return Result(one, None)
    judgement = judge(diagnose(one.recording), one.expected)
    mark = "right" if judgement.top1 else "in the first three" if judgement.top3 else "wrong"
    say(f"    {mark}: {judgement.error or judgement.verdict}")
    return Result(one, judgement)


@contextmanager
def _alone() -> Iterator[None]:
    """Two runs at the same time would disturb each other, and restore each other's settings."""
    with open("/run/stallscope-scenarios.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure("Scenarios are already being run on this machine: wait until they are done.") from None
        yield


@contextmanager
def _without_autogroups() -> Iterator[None]:
    """Turns off the scheduler's grouping by session, which dilutes contention, and restores it."""
    if not AUTOGROUP.exists():
        yield
        return
    with kernel_setting(AUTOGROUP, "0"):
        yield


sys.exit(main())
