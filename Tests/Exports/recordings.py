"""What the tests of exports share: recordings, and the program that exports them."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / ".build" / "debug"
REQUIRED = os.environ.get("STALLSCOPE_REQUIRE_PROGRAMS") == "1"
# The tools that `scripts/setup test` installs beside this Python.
PATH = f"{Path(sys.executable).parent}:{ROOT / '.build' / 'tools'}:{os.environ.get('PATH', '')}"
SCRATCH = tempfile.TemporaryDirectory(prefix="stallscope-exports-")


def stallscope(*words: str | Path, path: str = PATH) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([BUILD / "stallscope", *map(str, words)], capture_output=True, timeout=60,
                          env={**os.environ, "PATH": path, "NO_COLOR": "1"}, check=False)


def export(recording: Path, *words: str | Path) -> bytes:
    """What `export` prints.  Its failure is the test's."""
    run = stallscope("export", recording, *words)
    if run.returncode != 0:
        raise AssertionError(run.stderr.decode())
    return run.stdout


@cache
def example(stacks: bool = False) -> Path:
    """The made-up recording of Tests/ExampleRecording."""
    path = Path(SCRATCH.name) / f"example-{stacks}.stall"
    subprocess.run([BUILD / "MakeExample", path, *(["--stacks"] if stacks else [])], check=True)
    return path


@cache
def recorded() -> Path:
    """Two seconds of a program whose threads take turns, as the kernel tells of them, with stacks."""
    if not REQUIRED and (os.geteuid() != 0 or not Path("/sys/kernel/btf/vmlinux").exists()):
        raise unittest.SkipTest("needs root and a kernel with BTF, to record")
    path = Path(SCRATCH.name) / "recorded.stall"
    program = ROOT / ".build" / "programs" / "stack_pair"
    run = stallscope("record", "--stacks", "--duration", "2s", "-o", path, "--", program, "20", "60")
    if not path.exists():
        raise AssertionError(run.stderr.decode())
    return path


def tool(name: str) -> str:
    """Where a program is.  One that is missing skips the test, or fails it where nothing may be skipped."""
    found = shutil.which(name, path=PATH)
    if found:
        return found
    if REQUIRED:
        raise AssertionError(f"{name} is missing: run scripts/setup test")
    raise unittest.SkipTest(f"needs {name}: run scripts/setup test")


def module(name: str):
    """A Python module, in the same sense."""
    try:
        return __import__(name, fromlist=["_"])
    except ImportError as error:
        if REQUIRED:
            raise AssertionError(f"{error}: run scripts/setup test") from error
        raise unittest.SkipTest(f"needs the Python module {name}: run scripts/setup test") from error


def value(recording: Path, sql: str) -> int:
    """The single number that a query has."""
    run = stallscope("query", recording, sql, "--csv")
    return int(run.stdout.split()[-1])


def states(recording: Path, condition: str = "1") -> dict[str, int]:
    """The threads' nanoseconds in each state that exports tell apart: on the way to a run queue is in it."""
    return {
        state: value(recording, f"SELECT sum({column}) AS ns FROM thread_seconds WHERE {condition}")
        for state, column in (("on-cpu", "on_cpu_ns"), ("run-queue", "waking_ns + run_queue_ns"), ("blocked", "blocked_ns"))
    }
