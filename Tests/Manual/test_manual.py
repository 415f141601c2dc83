"""The manual and completions, read by those who read them later: python3 -B -m unittest discover -s Tests/Manual."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STALLSCOPE = os.environ.get("STALLSCOPE", str(ROOT / ".build/debug/stallscope"))
IS_REQUIRED = os.environ.get("STALLSCOPE_REQUIRE_PROGRAMS") == "1"
SHELLS = {"bash": "bash-completion/completions/stallscope", "zsh": "zsh/site-functions/_stallscope",
          "fish": "fish/vendor_completions.d/stallscope.fish"}


class Extras(unittest.TestCase):
    share: Path

    @classmethod
    def setUpClass(cls) -> None:
        if not Path(STALLSCOPE).exists():
            raise AssertionError(f"{STALLSCOPE} is not built: swift build")
        cls.share = Path(tempfile.mkdtemp(prefix="stallscope-extras-"))
        cls.addClassCleanup(shutil.rmtree, cls.share)
        subprocess.run([ROOT / "scripts/extras", STALLSCOPE, cls.share], check=True)
        said = subprocess.run([STALLSCOPE, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
        cls.commands = [each for each in json.loads(said)["command"]["subcommands"] if each["commandName"] != "help"]

    def require(self, tool: str) -> None:
        if shutil.which(tool):
            return
        reason = f"{tool} is not installed: scripts/setup test"
        if IS_REQUIRED:
            self.fail(f"STALLSCOPE_REQUIRE_PROGRAMS is set, so this must run: {reason}")
        self.skipTest(reason)

    def pages(self) -> list[Path]:
        return sorted((self.share / "man/man1").glob("*.1"))

    def test_each_command_has_a_page_that_mandoc_reads_without_a_warning(self) -> None:
        self.require("mandoc")
        names = {path.stem for path in self.pages()}
        self.assertEqual(names, {"stallscope"} | {f"stallscope-{each['commandName']}" for each in self.commands})
        for path in self.pages():
            lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path], capture_output=True, text=True, check=False)
            self.assertEqual((lint.returncode, lint.stdout), (0, ""))

    def test_pages_have_every_option_and_the_examples(self) -> None:
        self.require("mandoc")
        for command in self.commands:
            page = self.share / f"man/man1/stallscope-{command['commandName']}.1"
            text = subprocess.run(["mandoc", "-Tutf8", "-Owidth=200", page], check=True, capture_output=True, text=True).stdout
            text = re.sub(".\b", "", text)
            for argument in command["arguments"]:
                for name in argument.get("names", []):
                    if name["name"] not in ("help", "h", "version"):
                        dashes = "-" if name["kind"] == "short" else "--"
                        self.assertIn(dashes + name["name"], text, page.name)
            self.assertIn("EXAMPLES", text)
            self.assertRegex(text, rf"stallscope {command['commandName']} ")

    def test_shells_take_the_completions(self) -> None:
        for shell, path in SHELLS.items():
            with self.subTest(shell):
                self.require(shell)
                subprocess.run([shell, "-n", self.share / path], check=True)

    def test_bash_completes_commands_and_options(self) -> None:
        script = f"""
            source {self.share / SHELLS["bash"]}
            COMP_WORDS=(stallscope re); COMP_CWORD=1; COMP_LINE='stallscope re'; COMP_POINT=${{#COMP_LINE}}
            _stallscope stallscope re stallscope; echo "${{COMPREPLY[@]}}"
            COMPREPLY=(); COMP_WORDS=(stallscope report --gr); COMP_CWORD=2; COMP_LINE='stallscope report --gr'; COMP_POINT=${{#COMP_LINE}}
            _stallscope stallscope --gr report; echo "${{COMPREPLY[@]}}"
        """
        said = subprocess.run(["bash", "--norc", "-c", script], check=True, capture_output=True, text=True).stdout.splitlines()
        self.assertEqual(sorted(said[0].split()), ["record", "report"])
        self.assertEqual(said[1].split(), ["--graph"])


if __name__ == "__main__":
    unittest.main()
