"""Where a scenario runs: a scratch directory, processes, ports, cgroups and namespaces that are all gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from processes import ROOT, Failure

PROGRAMS = ROOT / ".build/scenarios/programs"


class Place:
    """Starts things, and undoes all of it in the opposite order when the block is left, whatever happened.

    Everything is started in this session (autogroup scheduling, which would dilute contention between sessions, is turned off
    for the whole run anyway), each process in a group of its own, and writes to a file, never to us: a pipe to this process
    would make it part of what is recorded.
    """

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> Place:
        # Below /var/tmp, because /tmp may be a file system in memory: some scenarios are about a disk.
        self.directory = Path(tempfile.mkdtemp(prefix="workload-", dir="/var/tmp"))
        self._undo.append(lambda: shutil.rmtree(self.directory, ignore_errors=True))
        self.directory.chmod(0o755)
        return self

    def __exit__(self, *_: object) -> None:
        # Whoever is impatient and presses Ctrl-C again still leaves nothing behind.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            while self._undo:
                try:
                    self._undo.pop()()
                except (OSError, subprocess.SubprocessError) as error:
                    print(f"left behind: {error}")
        finally:
            signal.signal(signal.SIGINT, before)

    def file(self, name: str, text: str | None = None) -> Path:
        """A path in the scratch directory; with a text, a file that anybody may read."""
        path = self.directory / name
        if text is not None:
            path.write_text(text)
            path.chmod(0o644)
        return path

    def folder(self, name: str, user: str | None = None) -> Path:
        path = self.directory / name
        path.mkdir()
        if user:
            shutil.chown(path, user, user)
        return path

    def start(self, *command: str | Path, output: str = "log", user: str | None = None,
              cgroup: Path | None = None, cpu: int | None = None, netns: str | None = None) -> int:
        """Starts a command and returns its process id, which stays that of the command itself.

        Its output goes to a file of the scratch directory, `output`.
        """
        words = [str(word) for word in command]
        if cpu is not None:
            words = ["taskset", "-c", str(cpu), *words]
        if user:
            words = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", *words]
        if netns:
            words = ["ip", "netns", "exec", netns, *words]
        if cgroup:
            words = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(cgroup), *words]
        with open(self.directory / output, "ab") as log, open(self.directory / "log", "ab") as errors:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=errors, process_group=0,
                cwd=self.directory)
        self._undo.append(lambda: _end(process))
        return process.pid

    def run(self, *command: str | Path, user: str | None = None) -> str:
        """Runs a command to its end and returns what it printed."""
        words = [str(word) for word in command]
        if user:
            words = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", *words]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.directory)
        if done.returncode != 0:
            raise Failure(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def until(self, what: str, works: Callable[[], bool], limit: float = 30) -> None:
        """Waits until something is so."""
        deadline = time.monotonic() + limit
        while not works():
            if time.monotonic() > deadline:
                log = self.directory / "log"
                tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
                raise Failure(f"{what}: not within {limit:.0f} s. {tail}")
            time.sleep(0.1)

    def until_runs(self, what: str, *command: str | Path, user: str | None = None) -> None:
        """Waits until a command succeeds."""
        def works() -> bool:
            try:
                self.run(*command, user=user)
            except Failure:
                return False
            return True
        self.until(what, works)

    def until_listens(self, port: int, host: str = "127.0.0.1") -> None:
        def works() -> bool:
            with socket.socket() as client:
                return client.connect_ex((host, port)) == 0
        self.until(f"nobody listens on {host}:{port}", works)

    @staticmethod
    def free_port() -> int:
        """A port of loopback that nobody uses."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def cgroup(self, controller: str) -> Path:
        """A cgroup of its own in the hierarchy with this controller, v1 or v2."""
        group = hierarchy(controller) / f"service-{uuid.uuid4().hex[:8]}"
        group.mkdir()
        self._undo.append(lambda: _remove_cgroup(group))
        return group

    def network(self) -> tuple[str, str, str]:
        """A network namespace behind a veth pair: its name, its address, and the device's name within it."""
        name = f"net{uuid.uuid4().hex[:6]}"
        host, inside, address = f"{name}h", f"{name}c", "10.213.79.2"
        self.run("ip", "netns", "add", name)
        self._undo.append(lambda: subprocess.run(["ip", "netns", "del", name], check=True))
        self.run("ip", "link", "add", host, "type", "veth", "peer", "name", inside, "netns", name)
        self.run("ip", "addr", "add", "10.213.79.1/30", "dev", host)
        self.run("ip", "link", "set", host, "up")
        for words in (["addr", "add", f"{address}/30", "dev", inside], ["link", "set", inside, "up"],
                      ["link", "set", "lo", "up"]):
            self.run("ip", "-n", name, *words)
        return name, address, inside

    @property
    def disk(self) -> str:
        """The block device that the scratch directory lies on, as a whole disk: "vda"."""
        device = os.stat(self.directory).st_dev
        link = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
        if not link.exists():
            raise Failure(f"{self.directory} lies on no block device, so nothing can be said about a disk")
        return link.parent.name if (link / "partition").exists() else link.name

    @property
    def disk_number(self) -> str:
        """The same as the kernel's number: "254:0"."""
        return Path(f"/sys/class/block/{self.disk}/dev").read_text().strip()


def hierarchy(controller: str) -> Path:
    """The mount of the cgroup hierarchy that has a controller: v1's own, or v2 with it enabled for children."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    for _, place, filesystem, options, *_ in mounts:
        if filesystem == "cgroup" and controller in options.split(","):
            return Path(place)
    for _, place, filesystem, *_ in mounts:
        root = Path(place)
        name = {"blkio": "io"}.get(controller, controller)
        if filesystem == "cgroup2" and name in (root / "cgroup.controllers").read_text().split():
            (root / "cgroup.subtree_control").write_text(f"+{name}")
            return root
    raise Failure(f"no cgroup hierarchy has the controller {controller}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process group as its user would, and by force after 10 s."""
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass  # nobody of it is left
        try:
            process.wait(patience)
            break
        except subprocess.TimeoutExpired:
            continue
    try:
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived it
    except ProcessLookupError:
        pass


def _remove_cgroup(group: Path) -> None:
    """Its processes have ended, but the kernel may still be busy with the last one."""
    for _ in range(50):
        try:
            group.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.1)
    print(f"left behind: {group}")
