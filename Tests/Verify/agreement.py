"""How closely our account of real programs agrees with itself and with the kernel's: a table in Markdown.

    python3 -B Tests/Verify/agreement.py [NAME...]       as root; STALLSCOPE names the program

What must hold exactly does: the script fails if a thread-second's states do not add up to its time alive, its waits to its
time blocked, or its occupants to its time in the run queue.  What the kernel counts has other boundaries, by a microsecond
or two a switch (10 where a switch wakes an idle CPU), and leaves stolen time out: the last columns show by how much.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STALLSCOPE = os.environ.get("STALLSCOPE", str(ROOT / ".build/release/stallscope"))
PROGRAMS = Path(os.environ.get("STALLSCOPE_PROGRAMS", ROOT / ".build/programs"))
TOOLS = ROOT / ".build/tools"

REDIS = """
{tools}/redis-server --port 0 --unixsocket {dir}/r --save '' --daemonize no >/dev/null & server=$!
while [ ! -S {dir}/r ]; do sleep 0.05; done
redis-benchmark -s {dir}/r -c 16 -n 200000 -t set,get -q >/dev/null; kill $server; wait
"""
WORKLOADS = {
    "two threads that compute": f"{PROGRAMS}/burner 2 3000",
    "two spinners on one CPU": f"{PROGRAMS}/spinner_pair 3000",
    "sleeps, 2,000 of 1 ms": f"{PROGRAMS}/states sleep 2000 1",
    "turns between two CPUs": f"{PROGRAMS}/states turns 100000",
    "redis under redis-benchmark": REDIS,
    "sysbench threads, 64": "sysbench threads --threads=64 --time=4 run",
    **{f"stress-ng --{each}": f"stress-ng --{each} 2 --timeout 3s --temp-path {{dir}} --quiet"
       for each in ("cpu", "switch", "fork", "futex", "pipe", "io", "clone")},
    "10,000 short processes": f"{PROGRAMS}/fork_storm 10000 0 4",
}
SUMS = """
    SELECT count(*) AS rows, count(DISTINCT thread) AS threads, sum(alive_ns) AS alive, sum(on_cpu_ns) AS on_cpu,
        sum(stolen_ns) AS stolen, sum(waking_ns) AS waking, sum(run_queue_ns) AS run_queue, sum(blocked_ns) AS blocked,
        sum(kernel_on_cpu_ns) AS kernel_on_cpu, sum(kernel_run_queue_ns) AS kernel_run_queue,
        sum(bursts) AS bursts, sum(run_queues) AS run_queues, sum(wakings) AS waits,
        sum(waits_without_waker) AS without_waker, sum(missed_switches) AS missed,
        sum(alive_ns <> on_cpu_ns + waking_ns + run_queue_ns + blocked_ns) AS wrong
    FROM thread_seconds"""
PARTS = """
    SELECT (SELECT count(*) FROM (
        SELECT s.blocked_ns AS whole, (SELECT coalesce(sum(total_ns), 0) FROM waits w
            WHERE w.tick = s.tick AND w.thread = s.thread) AS parts
        FROM thread_seconds s LIMIT 20000) WHERE whole <> parts) AS waits,
    (SELECT coalesce(sum(run_queue_ns), 0) FROM thread_seconds)
        <> (SELECT coalesce(sum(total_ns), 0) FROM run_queue_occupants) AS occupants,
    (SELECT coalesce(sum(blocked_ns), 0) FROM thread_seconds)
        <> (SELECT coalesce(sum(total_ns), 0) FROM waits) AS all_waits"""
LOSSES = "SELECT what, sum(count) AS count FROM losses GROUP BY what"


def stolen_ns() -> int:
    with open("/proc/stat") as stat:
        fields = stat.readline().split()
    return int(fields[8]) * 10_000_000


def query(path: Path, sql: str) -> list:
    run = subprocess.run([STALLSCOPE, "query", path, sql, "--json"], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def measure(name: str, script: str) -> list:
    with tempfile.TemporaryDirectory(prefix="stallscope-agreement-") as directory:
        script = script.format(dir=directory, tools=TOOLS)
        path = Path(directory) / "a.stall"
        before = stolen_ns()
        subprocess.run(
            [STALLSCOPE, "record", "--output", path, "--event-buffer", str(32 << 20), "--", "sh", "-c", script],
            check=True, stdout=subprocess.DEVNULL)
        stolen = stolen_ns() - before
        sums, parts = query(path, SUMS)[0], query(path, PARTS)[0]
        losses = {each["what"]: each["count"] for each in query(path, LOSSES)}
    wrong = sums["wrong"] + parts["waits"] + parts["occupants"] + parts["all_waits"]
    if wrong:
        print(f"{name}: time is not conserved: {sums} {parts}", file=sys.stderr)
    switches = max(sums["bursts"], 1)

    def difference(ours: int, theirs: int) -> str:
        return f"{100 * (ours - theirs) / max(theirs, 1):+.2f} % ({(ours - theirs) / switches / 1000:+.2f} µs)"

    print(
        f"| {name} | {sums['threads']} | {sums['rows']} | {'exact' if not wrong else wrong} | {sums['waits']:,} | "
        f"{sums['without_waker']} | {sums['missed']} | {switches:,} | {100 * sums['waking'] / sums['alive']:.1f} % | "
        f"{difference(sums['on_cpu'], sums['kernel_on_cpu'])} | "
        f"{difference(sums['on_cpu'] - sums['stolen'], sums['kernel_on_cpu'])} | "
        f"{difference(sums['run_queue'], sums['kernel_run_queue'])} | "
        f"{sums['stolen'] / 1e6:.0f} / {stolen / 1e6:.0f} ms | {losses or 'none'} |", flush=True)
    return wrong


def main() -> int:
    chosen = {name: script for name, script in WORKLOADS.items() if not sys.argv[1:] or any(each in name for each in sys.argv[1:])}
    for tool in ("redis-benchmark", "stress-ng", "sysbench"):
        if not shutil.which(tool):
            print(f"{tool} is missing: scripts/setup verify", file=sys.stderr)
            return 2
    print("| workload | threads | rows | sums | waits | without waker | switches missed | switches | waking | on CPU against "
          "`sum_exec_runtime` (a switch) | the same without stolen | run queue against `run_delay` (a switch) | stolen: ours / "
          "the machine's | losses |")
    print("| --- " * 14 + "|")
    return 1 if sum(measure(name, script) for name, script in chosen.items()) else 0


sys.exit(main())
