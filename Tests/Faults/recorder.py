"""`stallscope record` as faults meet it, and what is looked at afterwards."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STALLSCOPE = os.environ.get("STALLSCOPE", str(ROOT / ".build/release/stallscope"))
PROGRAMS = ROOT / ".build/programs"


def program(name: str, *arguments: object, **options) -> subprocess.Popen:
    """One of Tests/Programs, running, in a process group of its own."""
    return subprocess.Popen([PROGRAMS / name, *map(str, arguments)], stdout=subprocess.DEVNULL,
                            start_new_session=True, **options)


def stop(process: subprocess.Popen) -> None:
    """Ends a program and its children, whatever state they are in."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # It has ended by itself.
    process.wait()


def rows(path: Path | str, sql: str) -> list[dict]:
    """What `query` gives: it must open the file."""
    run = subprocess.run([STALLSCOPE, "query", str(path), sql, "--json"], capture_output=True, text=True)
    if run.returncode != 0:
        raise AssertionError(f"{path}: {run.stderr}")
    return json.loads(run.stdout)


def loaded_programs() -> set[str]:
    """Ids and names of the BPF programs that the kernel holds."""
    run = subprocess.run(["bpftool", "--json", "prog", "show"], capture_output=True, text=True, check=True)
    return {f"{each['id']} {each.get('name', '')}" for each in json.loads(run.stdout)}


class FaultTest(unittest.TestCase):
    """Has a scratch directory, and knows which BPF programs were there before."""

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="stallscope-fault-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.before = loaded_programs()

    def record(self, *arguments: object, name: str = "fault.stall", **options) -> subprocess.Popen:
        """Begins to record; gives the process once the first tick is stored."""
        path = self.directory / name
        run = subprocess.Popen(
            [STALLSCOPE, "record", "--output", path, *map(str, arguments)], stderr=subprocess.PIPE, text=True,
            **options)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.kill)
        for _ in range(600):
            if run.poll() is not None:
                raise AssertionError(f"it does not record: {run.stderr.read()}")
            if path.exists() and self.ticks(path):
                return run
            time.sleep(0.05)
        raise AssertionError("no tick was stored in 30 s")

    @staticmethod
    def ticks(path: Path) -> int:
        """How many ticks are stored; 0 while the file is only being made."""
        run = subprocess.run([STALLSCOPE, "query", str(path), "SELECT count(*) AS n FROM ticks", "--json"],
                             capture_output=True, text=True)
        return json.loads(run.stdout)[0]["n"] if run.returncode == 0 else 0

    def end(self, run: subprocess.Popen) -> tuple[int, str]:
        """Asks the recorder to finish; its exit status and what it wrote to stderr."""
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=60)
        return run.returncode, errors

    def assert_nothing_is_left_in_the_kernel(self) -> None:
        """Links, programs and maps go with the process; the kernel frees them a moment later."""
        left = set()
        for _ in range(100):
            left = loaded_programs() - self.before
            if not left:
                return
            time.sleep(0.1)
        raise AssertionError(f"left behind: {sorted(left)}")

    def assert_time_is_conserved(self, path: Path) -> None:
        """For every thread and tick the states add up to the time alive, in whole nanoseconds."""
        wrong = rows(path, """
            SELECT time_ns, tid, alive_ns, on_cpu_ns, waking_ns, run_queue_ns, blocked_ns FROM thread_seconds
            WHERE alive_ns <> on_cpu_ns + waking_ns + run_queue_ns + blocked_ns""")
        self.assertEqual(wrong, [])
        self.assertGreater(rows(path, "SELECT count(*) AS n FROM thread_seconds")[0]["n"], 0)

    def assert_is_a_sentence(self, text: str) -> None:
        """What a user reads: it says what happened, without a trace of the program's inside."""
        self.assertRegex(text, r"stallscope: error: .+\.")
        self.assertNotRegex(text, re.compile(r"fatal error|Optional\(|Stack dump|Segmentation", re.I))
