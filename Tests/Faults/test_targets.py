"""Targets that fork, crash and multiply while they are watched."""

import os
import signal
import subprocess
import time

from recorder import STALLSCOPE, FaultTest, program, rows, stop


class TargetTest(FaultTest):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.directory / "fault.stall"

    def test_a_target_that_crashes_says_why(self) -> None:
        target = program("pipe_pair", 10_000_000, 1)
        run = self.record("--pid", target.pid)
        os.killpg(target.pid, signal.SIGSEGV)
        target.wait()
        _, errors = run.communicate(timeout=30)
        self.assertEqual(run.returncode, 0, errors)
        reasons = {each["reason"] for each in rows(self.path, "SELECT reason FROM targets WHERE event = 'removed'")}
        self.assertTrue(any("SIGSEGV" in reason for reason in reasons), reasons)

    def test_twenty_thousand_threads(self) -> None:
        """All of one process, all asleep, and all there at every tick."""
        count = int(os.environ.get("THREADS", "20000"))
        target = subprocess.Popen(["python3", "-c", f"""
import threading, time
threading.stack_size(65536)
for _ in range({count}): threading.Thread(target=time.sleep, args=(10000,), daemon=True).start()
print("ready", flush=True)
time.sleep(10000)"""], stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(target.stdout.close)
        self.addCleanup(stop, target)
        self.assertEqual(target.stdout.readline(), "ready\n")
        run = self.record("--pid", target.pid)
        time.sleep(4)
        status, errors = self.end(run)
        self.assertEqual(status, 0, errors)
        self.assertEqual(rows(self.path, "SELECT * FROM losses"), [])
        threads = rows(self.path, "SELECT count(DISTINCT tid) AS n FROM thread_seconds")[0]["n"]
        self.assertEqual(threads, count + 1)
        self.assert_time_is_conserved(self.path)

    def test_ten_thousand_forks(self) -> None:
        """As fast as a shell's built-in loop goes; each one is complete, or its loss is told."""
        count = 10_000
        run = subprocess.run(
            [STALLSCOPE, "record", "--output", self.path, "--",
             "stress-ng", "--fork", "2", "--fork-ops", str(count)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        ended = rows(self.path, "SELECT count(*) AS n FROM targets WHERE event = 'removed'")[0]["n"]
        lost = rows(self.path, "SELECT coalesce(sum(count), 0) AS n FROM losses")[0]["n"]
        self.assertGreaterEqual(ended + lost, count)
        self.assertEqual(lost, 0)
        self.assert_time_is_conserved(self.path)
