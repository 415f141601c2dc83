"""Running Stallscope: a recording, and the diagnosis of it. All that the harness knows about it is its command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import Failure
from tools import STALLSCOPE, attached, stallscope

NO_BOTTLENECK = 3  # the exit status of a diagnosis that finds none


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose --json` said, or the error that it ended with."""

    status: int
    answer: dict[str, Any]
    error: str = ""


@contextmanager
def recorded(pid: int, output: Path) -> Iterator[None]:
    """Records a process, and who it waits for, for the length of the block, as its user would."""
    for old in output.parent.glob(output.name + "*"):
        old.unlink()
    with attached([*stallscope("--pid", str(pid)), "--output", str(output)]):
        yield
    if not output.exists():
        raise Failure(f"stallscope record left no {output}")


def diagnose(recording: Path) -> Diagnosis:
    try:
        done = subprocess.run([STALLSCOPE, "diagnose", str(recording), "--json"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return Diagnosis(-1, {}, "no answer within 120 s")
    if done.returncode not in (0, NO_BOTTLENECK):
        return Diagnosis(done.returncode, {}, done.stderr.strip() or f"exit status {done.returncode}")
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        return Diagnosis(done.returncode, {}, f"not JSON: {error}")
    return Diagnosis(done.returncode, answer)
