"""Starting what is measured, and reading /proc about it."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".build/programs"


class Failure(Exception):
    """Something that a benchmark needs did not work; the text says what to do."""


class Held:
    """A command that waits to be released, so that a tool can attach to its process first.

    The process keeps its id when it becomes the command.  If it is never released, it ends with us.
    """

    def __init__(self, *command: str | Path) -> None:
        self._process = subprocess.Popen(
            ["sh", "-c", 'read -r _ && exec "$@"', "held", *map(str, command)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def release(self) -> str:
        """Lets it run to its end and returns what it printed."""
        output, _ = self._process.communicate("go\n")
        if self._process.returncode != 0:
            raise Failure(f"{self._process.args} ended with {self._process.returncode}")
        return output

    def end(self) -> None:
        """Ends it without its ever having run."""
        self._process.kill()
        self._process.communicate()


def repeatedly(times: int, *command: str | Path) -> list[str]:
    """A command that runs another several times, one after the other."""
    return ["sh", "-c", 'for i in $(seq "$0"); do "$@" || exit; done', str(times), *map(str, command)]


@contextmanager
def running(*command: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A command in the background, gone when the block is left."""
    process = subprocess.Popen(
        [*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def redis_server(cpu: int, isolation: Isolation | None = None) -> Iterator[tuple[int, tuple[str, int]]]:
    """A private Redis pinned to one CPU, without persistence: the host's id of its process, and its address."""
    with ExitStack() as stack:
        place = stack.enter_context(isolation) if isolation else None
        address = place.address if place else "127.0.0.1"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        command = [
            "taskset", "-c", str(cpu), "redis-server", "--bind", address, "--port", str(port), "--dir",
            directory, "--save", "", "--appendonly", "no", "--protected-mode", "no", "--logfile", "server.log"]
        server = stack.enter_context(running(*(place.command(*command) if place else command)))
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex((address, port)) == 0:
                    yield place.inmost(server.pid) if place else server.pid, (address, port)
                    return
            time.sleep(0.05)
        raise Failure("redis-server did not answer within 5 s")


class Isolation(Protocol):
    """Somewhere else to run a command in."""

    address: str

    def __enter__(self) -> Isolation: ...

    def __exit__(self, *_: object) -> None: ...

    def command(self, *command: str) -> list[str]: ...

    def inmost(self, pid: int) -> int: ...


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process so far: utime and stime in /proc/PID/stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_quiet(limit: float = 15) -> bool:
    """Waits until less than a tenth of the machine's CPU time is in use; False when it does not happen."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        before = _machine_times()
        time.sleep(0.4)
        total, idle = (now - then for now, then in zip(_machine_times(), before, strict=True))
        if total == 0 or idle / total > 0.9:
            return True
    return False


def _machine_times() -> tuple[int, int]:
    """All CPUs' time so far, in ticks: in all, and idle."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4]


@contextmanager
def kernel_setting(path: Path, value: str) -> Iterator[None]:
    """A file of /proc/sys holds this value for the length of the block."""
    before = path.read_text()
    path.write_text(value)
    try:
        yield
    finally:
        path.write_text(before)


def memory_bytes(pid: int, field: str) -> int:
    """VmRSS or VmHWM of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)
