"""Runs the benchmarks and writes docs/performance.md: python3 Benchmarks [--name NAME] [--rounds N]."""

import argparse
import importlib
import os
import sys

from measure import say
from processes import ROOT, Failure
from report import Table, publish

# A benchmark is a module with run(rounds) -> Table, or several tables, and how many rounds it takes by default.
BENCHMARKS = {"getppid": 5, "pipe": 5, "hooks": 3, "redis": 5, "containers": 5, "collector": 3, "diagnosis": 3, "page": 2, "options": 3}
OWN_TARGETS = {"peers": 5}  # an hour or more


def main() -> int:
    parser = argparse.ArgumentParser(prog="Benchmarks", description="Measures what Stallscope costs.")
    parser.add_argument("--name", choices=[*BENCHMARKS, *OWN_TARGETS], help="only this one (default: all but peers)")
    parser.add_argument("--rounds", type=int, help="how often each variant runs")
    options = parser.parse_args()
    if os.geteuid() != 0:
        # Attaching BPF programs needs root.
        os.execvp("sudo", ["sudo", "--preserve-env=STALLSCOPE", sys.executable, "-B", *sys.argv])
    os.environ["PATH"] = f"{ROOT / '.build/tools'}:{os.environ['PATH']}"
    for name in [options.name] if options.name else BENCHMARKS:
        say(name)
        try:
            made = importlib.import_module(name).run(options.rounds or (BENCHMARKS | OWN_TARGETS)[name])
            for table in [made] if isinstance(made, Table) else made:
                publish(table)
                print(table.markdown(), end="\n\n", flush=True)
        except Failure as failure:
            say(f"{name}: {failure}")
            return 1
    return 0


sys.exit(main())
