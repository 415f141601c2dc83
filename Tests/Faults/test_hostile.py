"""Hostile names come out harmless wherever they are shown."""

import csv
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import hostile
from recorder import STALLSCOPE, FaultTest, rows, stop

CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


class Tags(html.parser.HTMLParser):
    """The ids and tags of a page, as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids |= {value or "" for key, value in attrs if key == "id"}


class HostileTest(FaultTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = Path(tempfile.mkdtemp(prefix="stallscope-hostile-"))
        cls.path = cls.scratch / "hostile.stall"
        arguments = [os.fsencode(each) for each in (sys.executable, hostile.__file__, str(cls.scratch))]
        # 4 KB of arguments as well.
        cls.target = subprocess.Popen([*arguments, *hostile.ALL, b"A" * 4096], stdout=subprocess.PIPE,
                                      start_new_session=True)
        pid = int(cls.target.stdout.readline())
        subprocess.run([STALLSCOPE, "record", "--pid", str(pid), "--duration", "3s", "--output", cls.path],
                       check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.target.stdout.close()
        stop(cls.target)
        shutil.rmtree(cls.scratch, ignore_errors=True)

    def run_command(self, *arguments: object) -> bytes:
        """Its output; 3 is "no bottleneck"."""
        run = subprocess.run([STALLSCOPE, *map(str, arguments)], capture_output=True)
        self.assertIn(run.returncode, (0, 3), run.stderr)
        return run.stdout + run.stderr

    def test_the_names_are_there(self) -> None:
        comms = {each["comm"] for each in rows(self.path, "SELECT DISTINCT comm FROM thread_seconds")}
        self.assertTrue(any("<b id=" in comm for comm in comms), comms)
        self.assertTrue(any("DROP" in comm for comm in comms), comms)

    def test_a_terminal_gets_no_control_characters(self) -> None:
        for arguments in (["report", self.path], ["report", self.path, "--edges"], ["report", self.path, "--waits"],
                          ["diagnose", self.path], ["report", self.path, "--graph", "dot"]):
            with self.subTest(arguments=arguments[1:]):
                run = subprocess.run([STALLSCOPE, *map(str, arguments)], capture_output=True)
                self.assertIsNone(CONTROL.search(run.stdout + run.stderr))

    def test_top_without_a_terminal_gets_none(self) -> None:
        self.assertIsNone(CONTROL.search(self.run_command("top", "--pid", self.target.pid, "--batch", "2")))

    def test_json_is_json(self) -> None:
        for arguments in (["report", self.path, "--json"], ["diagnose", self.path, "--json"]):
            json.loads(subprocess.run([STALLSCOPE, *map(str, arguments)], capture_output=True).stdout)

    def test_a_page_has_no_elements_but_its_own(self) -> None:
        page = self.scratch / "page.html"
        self.run_command("report", self.path, "--html", page)
        text = page.read_text()
        self.assertNotIn("<b id=pwn>", text)
        tags = Tags()
        tags.feed(text)
        self.assertNotIn("pwn", tags.ids)

    def test_csv_keeps_its_columns(self) -> None:
        out = self.scratch / "csv"
        self.run_command("export", self.path, "--format", "csv", "--view", "all", "--output", out)
        files = list(out.rglob("*.csv"))
        self.assertGreater(len(files), 0)
        for file in files:
            lines = list(csv.reader(io.StringIO(file.read_text(), newline="")))
            self.assertEqual({len(line) for line in lines}, {len(lines[0])}, file.name)

    def test_ndjson_is_a_value_a_line(self) -> None:
        out = self.scratch / "ndjson"
        self.run_command("export", self.path, "--format", "ndjson", "--view", "all", "--output", out)
        for file in out.rglob("*.ndjson"):
            for line in file.read_text().split("\n")[:-1]:
                json.loads(line)

    def test_flame_graphs_keep_their_lines(self) -> None:
        out = self.scratch / "stacks.folded"
        self.run_command("export", self.path, "--format", "folded", "--output", out)
        for line in out.read_text().splitlines():
            self.assertRegex(line, r"^.+ \d+$")

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed: scripts/setup test")
    def test_prometheus_accepts_its_metrics(self) -> None:
        serve = subprocess.Popen([STALLSCOPE, "serve", self.path, "--listen", "127.0.0.1:9797"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.addCleanup(serve.wait)
        self.addCleanup(serve.kill)
        metrics = b""
        for _ in range(50):
            got = subprocess.run(["curl", "-sf", "http://127.0.0.1:9797/metrics"], capture_output=True)
            if got.returncode == 0:
                metrics = got.stdout
                break
            time.sleep(0.1)
        self.assertIn(b"stallscope_", metrics)
        check = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
