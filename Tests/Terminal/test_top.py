"""`stallscope top` in a real terminal: python3 -B -m unittest discover -s Tests/Terminal (as root)."""

import os
import re
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from terminal import STALLSCOPE, Target, Terminal, require


class Case(unittest.TestCase):
    """With a program that one knows."""

    target: Target

    @classmethod
    def setUpClass(cls) -> None:
        require()
        cls.target = Target()

    @classmethod
    def tearDownClass(cls) -> None:
        if hasattr(cls, "target"):
            cls.target.end()

    def terminal(self, columns: int = 100, rows: int = 30, **environment: str) -> Terminal:
        terminal = Terminal(columns, rows, **environment)
        self.addCleanup(terminal.close)
        return terminal

    def top(self, arguments: str = "", columns: int = 100, rows: int = 30, **environment: str) -> Terminal:
        terminal = self.terminal(columns, rows, **environment)
        terminal.run("stty -g > before")
        terminal.run(f"{STALLSCOPE} top --pid {self.target.pid} --interval 200ms {arguments}; echo status $?")
        terminal.wait_for("visitor")
        return terminal

    def row(self, terminal: Terminal, name: str) -> str:
        """The line of the list in which a thread is."""
        rows = [line for line in terminal.lines() if re.match(rf"\s*[-+▸▾] {name}\b", line)]
        return rows[0] if rows else ""

    def order(self, terminal: Terminal) -> list[str]:
        found = (re.match(r"\s*[-+] (keeper|visitor|dozer)\b", line) for line in terminal.lines())
        return [match[1] for match in found if match]

    def selected(self, terminal: Terminal) -> str:
        """The text of the reversed line."""
        for line in terminal.screen(colors=True).splitlines():
            # tmux writes `ESC [ 7 m`, possibly among other attributes.
            if re.search(r"\x1b\[(?:\d+;)*7(?:;\d+)*m", line):
                return re.sub(r"\x1b\[[0-9;]*m", "", line)
        return ""


class Showing(Case):
    """What is on the screen, and what keys do to it."""

    def test_threads_their_states_waits_and_the_verdict_are_shown(self) -> None:
        terminal = self.top(columns=80, rows=24)
        self.assertTrue(terminal.is_alternate)
        terminal.wait_until(lambda: "█" in self.row(terminal, "keeper"), "keeper's time on a CPU")
        terminal.wait_until(lambda: "futex" in self.row(terminal, "visitor"), "visitor's wait for the lock")
        terminal.wait_until(lambda: "keeper/" in self.row(terminal, "visitor") or "keeper/" in terminal.screen(), "its waker")
        terminal.wait_until(lambda: "sleep" in self.row(terminal, "dozer"), "dozer's sleep")
        self.assertTrue(all(len(line) <= 80 for line in terminal.lines()))
        screen = terminal.wait_until(
            lambda: (text := terminal.screen()) if "(last " in (text := terminal.screen()) else None, "a verdict")
        self.assertIn("TOP WAITS", screen)
        self.assertIn("live", screen)

    def test_keys_sort_filter_expand_follow_pause_and_help(self) -> None:
        terminal = self.top()
        terminal.wait_until(lambda: self.order(terminal)[:1] == ["keeper"], "the busiest first")
        terminal.press("S")
        terminal.wait_until(lambda: self.order(terminal) == ["dozer", "keeper", "visitor"], "order by name")

        terminal.type("/vis")
        terminal.wait_for("Filter: vis")
        terminal.wait_until(lambda: self.order(terminal) == ["visitor"], "only visitor")
        terminal.press("Enter")
        terminal.wait_for("only vis")

        terminal.press("End", "Enter")
        terminal.wait_for("bursts")
        terminal.wait_for("events")
        terminal.press("Enter")
        terminal.wait_without("bursts")

        terminal.wait_until(lambda: "futex" in self.row(terminal, "visitor"), "visitor's wait for the lock")
        terminal.press("f")
        terminal.wait_until(lambda: "keeper" in self.selected(terminal), "keeper, selected")
        terminal.press("b")
        terminal.wait_until(lambda: "visitor" in self.selected(terminal), "visitor, selected again")

        # Before the end of the first tick there is nothing.
        terminal.wait_until(lambda: re.search(r"\+[\d.]+ s ", terminal.lines()[0]), "a second")
        terminal.press("Space")
        terminal.wait_for("paused")
        first = terminal.wait_until(lambda: terminal.lines()[0], "the first line")
        terminal.press("Left")
        terminal.wait_until(lambda: terminal.lines()[0] != first, "a tick back")
        terminal.press("Space")
        terminal.wait_for("live")

        terminal.press("?")
        terminal.wait_for("Any key goes back")
        terminal.press("Escape")
        terminal.wait_without("Any key goes back")
        terminal.wait_until(lambda: self.order(terminal) != [], "the list again")

    def test_resizes_are_followed(self) -> None:
        terminal = self.top()
        for columns, rows in ((140, 45), (80, 24), (50, 12)):
            terminal.resize(columns, rows)
            terminal.wait_until(lambda c=columns: terminal.lines()[0].rstrip().endswith("live")
                                and len(terminal.lines()[0].rstrip()) == c, f"{columns} columns")
            terminal.wait_until(lambda r=rows: len(terminal.lines()) == r and "? help" in terminal.lines()[-1],
                                f"{rows} rows")

    def test_colours_are_left_out_where_they_are_not_wanted(self) -> None:
        colour = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|38;5;\d+|9[0-7])m")
        terminal = self.top()
        self.assertRegex(terminal.screen(colors=True), colour)
        self.assertNotRegex(self.top(NO_COLOR="1").screen(colors=True), colour)
        self.assertNotRegex(self.top("--color never").screen(colors=True), colour)
        self.assertRegex(self.top("--color always", NO_COLOR="1").screen(colors=True), colour)


class Ending(Case):
    """However it ends, the terminal is as it was."""

    def setUp(self) -> None:
        # Each test may end its own target.
        self.own = Target()
        self.addCleanup(self.own.end)

    def started(self) -> Terminal:
        terminal = self.terminal()
        terminal.run(f"cd {terminal.directory} && export TMPDIR={terminal.directory} && stty -g > before")
        terminal.run(f"{STALLSCOPE} top --pid {self.own.pid} --interval 200ms; echo status $?; stty -g > after")
        terminal.wait_for("visitor")
        self.assertTrue(terminal.is_alternate)
        return terminal

    def pid(self, terminal: Terminal) -> int:
        shell = int(terminal.tmux("display-message", "-p", "#{pane_pid}"))
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
        return int(children[0])

    def assert_restored(self, terminal: Terminal, status: int) -> None:
        terminal.wait_for(f"status {status}")
        after = Path(terminal.directory, "after")
        terminal.wait_until(lambda: after.exists() and after.read_text(), "the state of the terminal")
        self.assertEqual(Path(terminal.directory, "before").read_text(), after.read_text())
        self.assertFalse(terminal.is_alternate)
        self.assertTrue(terminal.has_cursor)
        left = [path.name for path in Path(terminal.directory).glob("stallscope-*")]
        self.assertEqual(left, [], "the temporary recording is removed")

    def test_by_q(self) -> None:
        terminal = self.started()
        terminal.press("q")
        self.assert_restored(terminal, 0)

    def test_by_ctrl_c(self) -> None:
        terminal = self.started()
        terminal.press("C-c")
        self.assert_restored(terminal, 0)

    def test_by_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                terminal = self.started()
                os.kill(self.pid(terminal), number)
                self.assert_restored(terminal, 128 + number)

    def test_by_the_end_of_the_target(self) -> None:
        terminal = self.started()
        self.own.end()
        terminal.wait_for("The last target has ended")
        self.assert_restored(terminal, 0)

    def test_by_the_end_of_the_terminal(self) -> None:
        terminal = self.started()
        top = self.pid(terminal)
        terminal.tmux("kill-server")
        terminal.wait_until(lambda: not Path(f"/proc/{top}").exists(), "its end")
        self.assertEqual([path.name for path in Path(terminal.directory).glob("stallscope-*")], [])

    def test_by_a_crash(self) -> None:
        terminal = self.started()
        os.kill(self.pid(terminal), signal.SIGSEGV)
        terminal.wait_for(f"status {128 + signal.SIGSEGV}")
        after = Path(terminal.directory, "after")
        terminal.wait_until(lambda: after.exists() and after.read_text(), "the state of the terminal")
        self.assertEqual(Path(terminal.directory, "before").read_text(), after.read_text())
        self.assertFalse(terminal.is_alternate)

    def test_suspended_and_continued(self) -> None:
        terminal = self.started()
        terminal.press("C-z")
        terminal.wait_for("Stopped")
        self.assertFalse(terminal.is_alternate)
        terminal.run("stty -g > suspended")
        suspended = Path(terminal.directory, "suspended")
        terminal.wait_until(lambda: suspended.exists() and suspended.read_text(), "the state of the terminal")
        # A shell that edits lines sets some of it for itself: echo and lines must be there.
        terminal.run("stty -a | grep -c ' icanon'")
        terminal.run("fg")
        terminal.wait_until(lambda: terminal.is_alternate and "visitor" in terminal.screen(), "the screen again")
        terminal.press("q")
        terminal.wait_until(lambda: not terminal.is_alternate, "the shell's screen")


class Files(Case):
    """A recording, finished or not, and text where there is no screen."""

    def record(self, directory: str, seconds: int = 3) -> str:
        path = f"{directory}/top.stall"
        subprocess.run([STALLSCOPE, "record", "--pid", str(self.target.pid), "--duration", f"{seconds}s",
                        "--interval", "500ms", "--output", path], check=True)
        return path

    def test_a_recording_is_gone_through(self) -> None:
        with tempfile.TemporaryDirectory(prefix="stallscope-top-") as directory:
            path = self.record(directory)
            terminal = self.terminal()
            terminal.run(f"{STALLSCOPE} top {path} --interval 200ms; echo status $?")
            terminal.wait_for("visitor")
            terminal.wait_for("paused")  # at its end
            terminal.press("<")
            terminal.wait_for("+50")  # 500 ms, more or less
            terminal.press("q")
            terminal.wait_for("status 0")

            text = subprocess.run([STALLSCOPE, "top", path], check=True, capture_output=True, text=True).stdout
            blocks = text.strip().split("\n\n")
            self.assertIn(len(blocks), (6, 7))
            self.assertTrue(all("visitor" in block for block in blocks))
            self.assertNotIn("\x1b", text)
            text = subprocess.run([STALLSCOPE, "top", path, "--batch", "2", "--color", "always"], check=True,
                                  capture_output=True, text=True).stdout
            self.assertEqual(len(text.strip().split("\n\n")), 2)
            self.assertIn("\x1b[", text)

    def test_text_comes_once_an_interval_and_the_recording_is_kept(self) -> None:
        with tempfile.TemporaryDirectory(prefix="stallscope-top-") as directory:
            path = f"{directory}/kept.stall"
            run = subprocess.run(
                [STALLSCOPE, "top", "--pid", str(self.target.pid), "--interval", "300ms", "--batch", "3",
                 "--output", path], check=True, capture_output=True, text=True)
            blocks = run.stdout.strip().split("\n\n")
            self.assertEqual(len(blocks), 3)
            self.assertTrue(all("keeper" in block for block in blocks))
            report = subprocess.run([STALLSCOPE, "report", path], check=True, capture_output=True, text=True).stdout
            self.assertIn("visitor", report)
            self.assertNotIn("not finished", report)

    def test_a_growing_recording_is_followed_to_its_end(self) -> None:
        with tempfile.TemporaryDirectory(prefix="stallscope-top-") as directory:
            path = f"{directory}/growing.stall"
            recorder = subprocess.Popen([STALLSCOPE, "record", "--pid", str(self.target.pid), "--duration", "5s",
                                         "--interval", "250ms", "--output", path])
            self.addCleanup(recorder.wait)
            terminal = self.terminal()
            terminal.wait_until(lambda: os.path.exists(path), "the recording")
            terminal.run(f"{STALLSCOPE} top {path} --interval 250ms; echo status $?")
            terminal.wait_for("visitor")
            terminal.wait_for("live")
            terminal.wait_for("ended")
            terminal.press("q")
            terminal.wait_for("status 0")

    def test_what_cannot_be_shown_is_said(self) -> None:
        terminal = self.terminal()
        terminal.run(f"{STALLSCOPE} top --pid 999999999; echo status $?")
        terminal.wait_for("status 1")
        self.assertFalse(terminal.is_alternate)
        self.assertIn("stallscope: error:", terminal.screen())


if __name__ == "__main__":
    unittest.main()
