"""A terminal that a test can type into and look at: a window of tmux."""

import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STALLSCOPE = os.environ.get("STALLSCOPE", str(ROOT / ".build/debug/stallscope"))
PROGRAMS = ROOT / ".build/programs"
IS_REQUIRED = os.environ.get("STALLSCOPE_REQUIRE_PROGRAMS") == "1"


def obstacle(needs_kernel: bool = True) -> str | None:
    """Why tests here cannot run, as a sentence; None if they can."""
    if not shutil.which("tmux"):
        return "tmux is not installed: scripts/setup test"
    if not Path(STALLSCOPE).exists():
        return f"{STALLSCOPE} is not built: swift build"
    if needs_kernel and (os.geteuid() != 0 or not os.access("/sys/kernel/btf/vmlinux", os.R_OK)):
        return "needs root and a kernel with BTF, to load BPF programs"
    return None


def require(needs_kernel: bool = True) -> None:
    """Skips a test that cannot run here, and says why; where all must run, it fails."""
    reason = obstacle(needs_kernel)
    if reason and IS_REQUIRED:
        raise AssertionError(f"STALLSCOPE_REQUIRE_PROGRAMS is set, so this must run: {reason}")
    if reason:
        raise unittest.SkipTest(reason)


class Terminal:
    """A shell in a window of a tmux server of its own."""

    def __init__(self, columns: int = 100, rows: int = 30, **environment: str) -> None:
        self.directory = tempfile.mkdtemp(prefix="stallscope-terminal-")
        self.socket = f"{self.directory}/tmux"
        surroundings = {key: value for key, value in os.environ.items() if key not in ("TMUX", "NO_COLOR")}
        surroundings |= {"HISTFILE": "", "LC_ALL": "C.UTF-8", **environment}
        subprocess.run(
            ["tmux", "-u", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", str(columns),
             "-y", str(rows), "exec env PS1='$ ' bash --norc --noprofile"],
            env=surroundings, check=True)
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        try:
            self.wait_for("$")
        except AssertionError:
            self.close()
            raise

    def tmux(self, *arguments: str) -> str:
        return subprocess.run(["tmux", "-u", "-S", self.socket, *arguments], check=True, capture_output=True,
                              text=True).stdout

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False, capture_output=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def run(self, line: str) -> None:
        self.type(line)
        self.press("Enter")

    def screen(self, colors: bool = False) -> str:
        return self.tmux("capture-pane", "-p", *(["-e"] if colors else []))

    def last_screen(self) -> str:
        """For messages: also of a terminal that is gone."""
        return subprocess.run(["tmux", "-S", self.socket, "capture-pane", "-p"], check=False, capture_output=True,
                              text=True).stdout

    def lines(self) -> list[str]:
        return self.screen().splitlines()

    @property
    def is_alternate(self) -> bool:
        return self.tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    @property
    def has_cursor(self) -> bool:
        return self.tmux("display-message", "-p", "#{cursor_flag}").strip() == "1"

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait_until(self, condition, what: str, seconds: float = 20):  # noqa: ANN001, ANN201
        """What `condition` returns as soon as that is true of anything."""
        end = time.monotonic() + seconds
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what}; the screen is\n{self.last_screen()}")
            time.sleep(0.05)

    def wait_for(self, text: str, seconds: float = 20) -> str:
        def found() -> str | None:
            screen = self.screen()
            return screen if text in screen else None
        return self.wait_until(found, repr(text), seconds)

    def wait_without(self, text: str, seconds: float = 20) -> None:
        self.wait_until(lambda: text not in self.screen(), f"no {text!r}", seconds)


class Target:
    """A program with threads `keeper`, `visitor` and `dozer`, of which the first holds the second up."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([str(PROGRAMS / "named_threads"), "600000"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.pid = self.process.pid

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
