"""A recorder that gets no CPU, no memory, or no room in the kernel."""

import shutil
import signal
import subprocess
import time

from recorder import FaultTest, program, rows, stop


class StarvationTest(FaultTest):
    def test_ten_seconds_without_a_cpu(self) -> None:
        target = program("pipe_pair", 10_000_000, 0)
        self.addCleanup(stop, target)
        run = self.record("--pid", target.pid)
        run.send_signal(signal.SIGSTOP)
        time.sleep(10)
        run.send_signal(signal.SIGCONT)
        time.sleep(2)
        status, errors = self.end(run)
        self.assertEqual(status, 0, errors)
        path = self.directory / "fault.stall"
        self.assert_time_is_conserved(path)
        # One tick is as long as the recorder was away, and both threads are accounted for all of it.
        long = rows(path, "SELECT max(alive_ns) AS longest, count(DISTINCT tid) AS threads FROM thread_seconds")[0]
        self.assertGreater(long["longest"], 9.5e9)
        alive = rows(path, "SELECT tid, sum(alive_ns) AS alive, min(time_ns) AS first, max(time_ns) AS last "
                           "FROM thread_seconds GROUP BY tid HAVING count(*) > 1")
        self.assertGreater(len(alive), 0)
        for each in alive:
            self.assertGreater(each["alive"], 0.999 * (each["last"] - each["first"]))

    def test_other_bpf_tools_on_the_same_hooks(self) -> None:
        for tool in ("runqlat", "offcputime"):
            path = shutil.which(tool) or f"/usr/sbin/{tool}"
            other = subprocess.Popen([path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(stop_quietly, other)
        time.sleep(3)
        target = program("pipe_pair", 10_000_000, 0)
        self.addCleanup(stop, target)
        run = self.record("--pid", target.pid)
        time.sleep(3)
        status, errors = self.end(run)
        self.assertEqual(status, 0, errors)
        path = self.directory / "fault.stall"
        self.assert_time_is_conserved(path)
        named = rows(path, "SELECT sum(total_ns) AS all_ns, sum(total_ns) FILTER (WHERE kind = 'pipe') AS pipe_ns FROM waits")
        self.assertGreater(named[0]["pipe_ns"], 0.5 * named[0]["all_ns"])


def stop_quietly(process) -> None:
    process.send_signal(signal.SIGINT)
    process.wait()
