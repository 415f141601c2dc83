"""What a container is to the kernel: namespaces and a cgroup."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path

from processes import Failure


class Container:
    """A place to run one command in, with an address of its own that the host reaches through a veth pair."""

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex * 2
        self._name = f"stall{self.id[:6]}"
        self.host_address, self.address = "10.213.77.1", "10.213.77.2"
        self._cgroup = _hierarchy() / "docker" / self.id

    def __enter__(self) -> Container:
        self._cgroup.mkdir(parents=True)
        ip = self._ip
        ip("netns", "add", self._name)
        ip("link", "add", f"{self._name}h", "type", "veth", "peer", "name", f"{self._name}c", "netns", self._name)
        ip("addr", "add", f"{self.host_address}/30", "dev", f"{self._name}h")
        ip("link", "set", f"{self._name}h", "up")
        ip("-n", self._name, "addr", "add", f"{self.address}/30", "dev", f"{self._name}c")
        ip("-n", self._name, "link", "set", f"{self._name}c", "up")
        return self

    def command(self, *command: str) -> list[str]:
        """`command` in the container, as a child of what this starts."""
        enter = (
            f"echo $$ > {self._cgroup}/cgroup.procs && "
            f"exec ip netns exec {self._name} unshare --pid --mount --uts --ipc --fork --kill-child --mount-proc "
            '"$@"')
        return ["sh", "-c", enter, "container", *command]

    def inmost(self, pid: int) -> int:
        """The host's id of the command, whose outermost process is `pid`."""
        while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            pid = int(children[0])
        return pid

    def __exit__(self, *_: object) -> None:
        self._ip("netns", "del", self._name)
        for directory in (self._cgroup, self._cgroup.parent):
            try:
                directory.rmdir()
            except OSError:
                return  # somebody else's, or a process that is still ending

    @staticmethod
    def _ip(*arguments: str) -> None:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _hierarchy() -> Path:
    """Where cgroups of processes are made: v2 if it is mounted alone, else a v1 controller."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    for kind in ("cgroup", "cgroup2"):
        for _, place, filesystem, options, *_ in mounts:
            if filesystem == kind and (kind == "cgroup2" or "cpu" in options.split(",")):
                if os.access(place, os.W_OK):
                    return Path(place)
    raise Failure("no cgroup hierarchy is mounted")
