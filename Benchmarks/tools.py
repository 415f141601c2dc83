"""Stallscope and its peers, attached while something else is measured."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from processes import ROOT, Failure

STALLSCOPE = os.environ.get("STALLSCOPE", str(ROOT / ".build/release/stallscope"))

# How an attached BPF program shows among a process's open files.  The peers attach some through perf events; ours are
# links, and its perf events are the counters of --pmu, which are there before.
_LINK = r"bpf_link|bpf-link|bpf-raw-tracepoint"
_ATTACHED = re.compile(rf"anon_inode:({_LINK}|\[perf_event\])")
_OWN_ATTACHED = re.compile(rf"anon_inode:({_LINK})")


def stallscope(*options: str) -> list[str]:
    """A recording that goes on until it is interrupted; add_output gives it its file."""
    if not os.access(STALLSCOPE, os.X_OK):
        raise Failure(f"{STALLSCOPE} is not there: run `make release`, or set STALLSCOPE to the program")
    return [STALLSCOPE, "record", *options]


def peer(name: str, *options: str) -> list[str]:
    """One of the libbpf-tools."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/share/bcc/tools")
    if path is None:
        raise Failure(f"{name} is not there: install libbpf-tools (`scripts/setup bench`)")
    return [path, *options]


@contextmanager
def attached(command: Sequence[str] | None) -> Iterator[int | None]:
    """Runs a tool for the length of the block, which gets its process and begins when its programs are attached."""
    if command is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as directory:
        if command[0] == STALLSCOPE and "--output" not in command:
            command = [*command, "--output", f"{directory}/recording.stall"]
        with open(f"{directory}/errors", "w+") as errors:
            tool = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
            try:
                _wait_until_attached(tool, errors.name)
                yield tool.pid
            finally:
                _interrupt(tool)


def _wait_until_attached(tool: subprocess.Popen[bytes], errors: str) -> None:
    """Waits until the number of attached programs is above zero and has not changed for 0.5 s."""
    how = _OWN_ATTACHED if tool.args[0] == STALLSCOPE else _ATTACHED
    seen, since, deadline = 0, time.monotonic(), time.monotonic() + 15
    while time.monotonic() < deadline:
        if tool.poll() is not None:
            said = Path(errors).read_text()
            raise Failure(f"{tool.args} ended at once with {tool.returncode}:\n{said}")
        now = _attachments(tool.pid, how)
        if now != seen:
            seen, since = now, time.monotonic()
        elif seen > 0 and time.monotonic() - since > 0.5:
            return
        time.sleep(0.05)
    raise Failure(f"{tool.args} attached nothing within 15 s")


def _attachments(pid: int, how: re.Pattern[str]) -> int:
    count = 0
    for entry in os.scandir(f"/proc/{pid}/fd"):
        try:
            count += how.match(os.readlink(entry.path)) is not None
        except FileNotFoundError:
            pass
    return count


def _interrupt(tool: subprocess.Popen[bytes]) -> None:
    """Ends a tool as a person would, and by force if it does not listen for 20 s."""
    if tool.poll() is None:
        tool.send_signal(signal.SIGINT)
    try:
        tool.wait(20)
    except subprocess.TimeoutExpired:
        tool.kill()
        tool.wait()
