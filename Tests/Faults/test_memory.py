"""A recorder whose own memory is limited, by a cgroup that the maps in the kernel count into, too."""

import os
import subprocess
import time
import unittest
import uuid
from pathlib import Path

from recorder import FaultTest, program, rows, stop


class MemoryTest(FaultTest):
    def setUp(self) -> None:
        super().setUp()
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        places = [place for _, place, kind, options, *_ in mounts
                  if kind == "cgroup" and "memory" in options.split(",")]
        if not places:
            raise unittest.SkipTest("there is no v1 hierarchy for memory")
        self.group = Path(places[0]) / f"stallscope-fault-{uuid.uuid4().hex[:8]}"
        self.group.mkdir()
        self.addCleanup(self.remove)
        self.path = self.directory / "fault.stall"

    def remove(self) -> None:
        for _ in range(100):
            try:
                self.group.rmdir()
                return
            except OSError:
                time.sleep(0.1)  # the kernel is still busy with what it held
        print(f"left behind: {self.group}")

    def limited(self, megabytes: int, *arguments: object) -> subprocess.Popen:
        (self.group / "memory.limit_in_bytes").write_text(str(megabytes << 20))
        return self.record(
            *arguments, preexec_fn=lambda: (self.group / "cgroup.procs").write_text(str(os.getpid())))

    def test_a_thousand_threads_fit_into_128_megabytes(self) -> None:
        target = program("idle_threads", 1000, 120_000, 1000)
        self.addCleanup(stop, target)
        time.sleep(1)
        run = self.limited(128, "--pid", target.pid)
        time.sleep(8)
        peak = int((self.group / "memory.max_usage_in_bytes").read_text())
        failures = int((self.group / "memory.failcnt").read_text())
        status, errors = self.end(run)
        print(f"at most {peak >> 20} MB, at the limit {failures} times")
        self.assertEqual(status, 0, errors)
        self.assertEqual(rows(self.path, "SELECT * FROM losses"), [])
        self.assertGreaterEqual(rows(self.path, "SELECT count(DISTINCT tid) AS n FROM thread_seconds")[0]["n"], 1000)
        self.assert_time_is_conserved(self.path)

    def test_too_little_memory_ends_it_without_a_trace(self) -> None:
        target = program("pipe_pair", 10_000_000, 1)
        self.addCleanup(stop, target)
        with self.assertRaises(AssertionError) as failure:
            self.limited(24, "--pid", target.pid)
        # The kernel refuses a map, or ends the process: then there is nobody to say a sentence.
        if text := str(failure.exception).removeprefix("it does not record: "):
            self.assert_is_a_sentence(text)
        self.assert_nothing_is_left_in_the_kernel()
        self.assertIsNone(target.poll(), "the target goes on")
