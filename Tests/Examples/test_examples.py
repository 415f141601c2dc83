"""Every example of README.md and docs/ works: python3 -B -m unittest discover -s Tests/Examples (as root)."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from examples import DOCUMENTS, ROOT, Example, Page, read

STALLSCOPE = os.environ.get("STALLSCOPE", str(ROOT / ".build/debug/stallscope"))
IS_REQUIRED = os.environ.get("STALLSCOPE_REQUIRE_PROGRAMS") == "1"
# Verdicts say with 3 that there is no bottleneck.
VERDICTS = re.compile(r"stallscope (diagnose|compare)\b")
# Programs that the examples run beside ours.
TOOLS = ("jq", "dot", "make")
# So many may be marked as not run: who marks one more has thought about it.
MARKED = 3


def obstacle() -> str | None:
    if not Path(STALLSCOPE).exists():
        return f"{STALLSCOPE} is not built: swift build"
    if not (ROOT / ".build/programs/named_threads").exists():
        return ".build/programs/named_threads is not built: make programs"
    if os.geteuid() != 0 or not os.access("/sys/kernel/btf/vmlinux", os.R_OK):
        return "needs root and a kernel with BTF, to record"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    return f"{', '.join(missing)} not installed: scripts/setup test" if missing else None


def whole_lines(text: str) -> list[str]:
    """Lines, of which one that ends within quotation marks, or before what an option or a redirection needs, goes on with the
    next: help is wrapped to the terminal's width."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and (lines[-1].count('"') % 2 or re.search(r" (-o|>)$", lines[-1])):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return lines


class Marks(unittest.TestCase):
    def test_marks_belong_to_examples_and_are_few(self) -> None:
        pages = [read(document) for document in DOCUMENTS]
        self.assertEqual([mark for page in pages for mark in page.idle_marks], [])
        marked = [example for page in pages for example in page.commands if example.why_not]
        self.assertEqual(len(marked), MARKED, marked)
        self.assertTrue(read(ROOT / "README.md").commands, "the examples are not found any more")

    def test_blocks_of_both_kinds_are_found(self) -> None:
        with tempfile.TemporaryDirectory(dir=ROOT / ".build") as directory:
            document = Path(directory, "page.md")
            document.write_text("text\n\n<!-- not run: `--pmu`: why -->\n    stallscope record --pmu x\n"
                                "    stallscope doctor  # words\n\n```\n$ stallscope query f\nresult\n```\n"
                                "<!-- not run: `nothing`: why -->\n\n    SELECT 1\n    FROM x\n")
            page = read(document)
        self.assertEqual([example.text for example in page.commands],
                         ["stallscope record --pmu x", "stallscope doctor  # words", "stallscope query f"])
        self.assertEqual([example.why_not for example in page.commands], ["why", "", ""])
        self.assertEqual([example.text for example in page.queries], ["SELECT 1\nFROM x"])
        self.assertEqual(len(page.idle_marks), 1)


class Examples(unittest.TestCase):
    """In a directory with the recordings, programs and processes that they speak of."""

    @classmethod
    def setUpClass(cls) -> None:
        reason = obstacle()
        if reason and IS_REQUIRED:
            raise AssertionError(f"STALLSCOPE_REQUIRE_PROGRAMS is set, so this must run: {reason}")
        if reason:
            raise unittest.SkipTest(reason)
        cls.directory = Path(tempfile.mkdtemp(prefix="stallscope-examples-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        tools = cls.directory / "bin"
        tools.mkdir()
        (tools / "stallscope").symlink_to(Path(STALLSCOPE).resolve())
        # Root needs none, and it may not be there.
        (tools / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (tools / "sudo").chmod(0o755)
        # What writes Parquet is in the environment that the tests of exports have.
        cls.environment = os.environ | {"PATH": f"{tools}:{ROOT / '.build/venv/bin'}:{os.environ['PATH']}"}
        # A process that is called as the examples call theirs.
        server = tools / "redis-server"
        shutil.copy(ROOT / ".build/programs/named_threads", server)
        cls.target = subprocess.Popen([str(server), "600000"], stdout=subprocess.DEVNULL)
        cls.addClassCleanup(cls.target.wait)
        cls.addClassCleanup(cls.target.kill)
        (cls.directory / "Makefile").write_text("all:\n\t@sleep 0.2\n")
        (cls.directory / "latency.csv").write_text("".join(f"+{second}s,{second}\n" for second in range(1, 40)))
        recording = cls.directory / "app.stall"
        subprocess.run([STALLSCOPE, "record", "--pid", str(cls.target.pid), "--duration", "5s", "--output",
                        str(recording), "--stacks", "--syscalls", "--taskstats"], check=True)
        for name in ("before", "after", "good", "redis", "build"):
            shutil.copy(recording, cls.directory / f"{name}.stall")
        # What examples read; each begins with nothing else in its directory.
        cls.material = [path for path in cls.directory.iterdir() if path != tools]

    def adapted(self, command: str) -> str:
        """With the process that is there, for a second, and its output in a file of its own."""
        command = re.sub(r"\b1234\b", str(self.target.pid), command)
        command = command.replace("/var/lib/stallscope.stall", "app.stall").replace("/var/lib/stallscope", ".")
        command = re.sub(r"--duration \S+", "--duration 1s", command)
        if re.search("stallscope (record|top) ", command):
            output = Path(tempfile.mkdtemp(dir=self.directory), "out.stall")
            command = re.sub(r"(-o|--output) \S+", f"--output {output}", command)
        if "stallscope record" in command:
            if " -- " not in command and "--duration" not in command:
                command = command.replace("stallscope record", "stallscope record --duration 400ms")
        # What goes on beside is waited for.
        return re.sub(r" &(\s+#.*)?$", r"\1", command)

    def check(self, example: Example) -> None:
        command = self.adapted(example.text)
        with tempfile.TemporaryDirectory(dir=self.directory) as directory:
            for path in self.material:
                Path(directory, path.name).hardlink_to(path)
            if re.search(r"stallscope serve|sudo stallscope top(?!.*--batch)", command):
                self.check_interrupted(example, command, directory)
            else:
                self.check_finished(example, command, directory)

    def check_finished(self, example: Example, command: str, directory: str) -> None:
        run = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=directory, env=self.environment,
                             capture_output=True, text=True, timeout=60, check=False)
        allowed = (0, 3) if VERDICTS.search(command) else (0,)
        self.assertIn(run.returncode, allowed, f"{example.place}: {example.text}\n{run.stderr}")
        errors = [line for line in run.stderr.splitlines() if "stallscope: error" in line]
        self.assertEqual(errors, [], example.place)

    def check_interrupted(self, example: Example, command: str, directory: str) -> None:
        """What goes on until somebody ends it prints something, and ends in order."""
        words = command.removeprefix("sudo ").split("  #")[0]
        before, name, after = words.partition("stallscope")
        process = subprocess.Popen(["bash", "-c", f"{before}exec {name}{after}"],
                                   cwd=directory, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        with process.stdout as output:
            self.assertRegex(output.readline(), "stallscope top|Serving .* on http:", example.place)
            process.send_signal(signal.SIGINT)
            output.read()
        self.assertEqual(process.wait(timeout=20), 0, example.place)

    def test_commands(self) -> None:
        ran, left = 0, 0
        for page in self.pages():
            for example in page.commands:
                with self.subTest(example.place):
                    if example.why_not:
                        left += 1
                        continue
                    self.check(example)
                    ran += 1
        print(f"Examples: {ran} commands ran, {left} are marked as not run", file=sys.stderr)
        self.assertEqual(left, MARKED)

    def test_queries(self) -> None:
        for page in self.pages():
            for example in page.queries:
                with self.subTest(example.place):
                    run = subprocess.run([STALLSCOPE, "query", str(self.directory / "app.stall"), example.text],
                                         capture_output=True, text=True, check=False)
                    self.assertEqual((run.returncode, run.stderr), (0, ""), f"{example.place}\n{example.text}")
                    self.assertTrue(run.stdout)

    def test_examples_of_the_help(self) -> None:
        for command in ("", "record", "top", "report", "diagnose", "compare", "query", "export", "serve", "snapshot", "doctor"):
            said = subprocess.run([STALLSCOPE, *command.split(), "--help"], check=True, capture_output=True,
                                  text=True).stdout.split("EXAMPLES")[1].split("\n\n")[0]
            commands = [line for line in whole_lines(said) if re.match(r"(sudo )?stallscope ", line)]
            self.assertTrue(commands, command)
            for line in commands:
                # Recording is what README.md's examples do; each takes seconds.
                # So does the test of the documentation with what others read.
                if re.match(r"(sudo )?stallscope record|.*--pid|.*--comm|.*flamegraph.pl", line):
                    continue
                line = re.sub(r"--baseline 10:00-10:05", "--baseline +0s-+1s", line)
                with self.subTest(line):
                    self.check(Example(f"stallscope {command} --help", line))

    def pages(self) -> list[Page]:
        return [read(document) for document in DOCUMENTS]


if __name__ == "__main__":
    unittest.main()
