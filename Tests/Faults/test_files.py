"""What can happen to the recording's file."""

import subprocess
import threading
import time

from recorder import STALLSCOPE, FaultTest, program, rows, stop


class FileTest(FaultTest):
    def setUp(self) -> None:
        super().setUp()
        self.target = program("pipe_pair", 10_000_000, 1)
        self.addCleanup(stop, self.target)
        self.path = self.directory / "fault.stall"

    def test_a_removed_recording_is_put_there_again(self) -> None:
        run = self.record("--pid", self.target.pid, "--interval", "100ms")
        time.sleep(1)
        self.path.unlink()
        _, errors = run.communicate(timeout=30)
        self.assertNotEqual(run.returncode, 0)
        self.assert_is_a_sentence(errors)
        self.assertIn("put there again", errors)
        self.assertGreater(rows(self.path, "SELECT count(*) AS n FROM ticks")[0]["n"], 5)
        self.assert_nothing_is_left_in_the_kernel()

    def test_a_directory_that_is_removed_ends_the_recording(self) -> None:
        inner = self.directory / "inner"
        inner.mkdir()
        run = self.record("--pid", self.target.pid, "--interval", "100ms", name="inner/fault.stall")
        for name in inner.iterdir():
            name.unlink()
        inner.rmdir()
        _, errors = run.communicate(timeout=30)
        self.assertNotEqual(run.returncode, 0)
        self.assert_is_a_sentence(errors)
        self.assert_nothing_is_left_in_the_kernel()

    def test_a_recording_is_read_while_it_is_written(self) -> None:
        run = self.record("--pid", self.target.pid, "--interval", "100ms")
        wrong: list[str] = []

        def read() -> None:
            for command in ("report", "diagnose", "report"):
                got = subprocess.run([STALLSCOPE, command, self.path], capture_output=True, text=True)
                # 3: no bottleneck.
                if got.returncode not in (0, 3):
                    wrong.append(f"{command}: {got.stderr}")

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        status, errors = self.end(run)
        self.assertEqual((status, wrong), (0, []), errors)
        self.assert_time_is_conserved(self.path)

    def test_a_slow_disk_makes_ticks_late_and_loses_nothing(self) -> None:
        """Writers that fill the same file system, and ask for it to be on the disk."""
        noise = [subprocess.Popen(["dd", "if=/dev/zero", f"of={self.directory}/noise{number}", "bs=1M", "count=300",
                                   "oflag=dsync"], stderr=subprocess.DEVNULL) for number in range(2)]
        run = self.record("--pid", self.target.pid, "--interval", "100ms")
        time.sleep(3)
        for each in noise:
            each.kill()
            each.wait()
        status, errors = self.end(run)
        self.assertEqual(status, 0, errors)
        self.assert_time_is_conserved(self.path)
        self.assertEqual(rows(self.path, "SELECT * FROM losses"), [])
