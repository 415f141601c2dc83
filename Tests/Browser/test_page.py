"""The page of the recording that Tests/CLITests/Story.swift tells, in a browser: STALLSCOPE_PAGE names the file.

Forty ticks of a second; from the 21st on another program has the CPU that the server needs.
"""

from __future__ import annotations

import os
import unittest

from chromium import Browser

HOSTILE = "</script><script>document.title='owned'</script>"
SHIFT, ALT = 8, 1


@unittest.skipUnless("STALLSCOPE_PAGE" in os.environ, "STALLSCOPE_PAGE names no page: PageTests.swift makes one")
class Page(unittest.TestCase):
    browser: Browser

    @classmethod
    def setUpClass(cls) -> None:
        cls.browser = Browser().__enter__()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.browser.__exit__(None, None, None)

    def setUp(self) -> None:
        self.browser.open(os.environ["STALLSCOPE_PAGE"])

    def tearDown(self) -> None:
        self.assertEqual(self.browser.errors, [])

    def text(self, selector: str) -> str:
        return self.browser.run(f"document.querySelector({selector!r}).innerText")

    def value(self, field: str) -> float:
        return float(self.browser.run(f"document.getElementById({field!r}).value") or "nan")

    def place(self, seconds: float) -> tuple[float, float]:
        """Where a time is on the overview, which is scrolled into view."""
        box = self.browser.run(
            "(() => { const canvas = document.getElementById('overview'); canvas.scrollIntoView({block: 'center'}); "
            "const box = canvas.getBoundingClientRect(); return [box.left, box.top, box.width]; })()")
        left, width = box[0] + 190, box[2] - 190 - 14
        return left + width * seconds / 40, box[1] + 50

    def share(self, cause: str) -> float:
        """Of the service time of the window, by the table of causes."""
        return self.browser.run(
            "(() => { const row = [...document.querySelectorAll('#composition tbody tr')].find(row => row.innerText.includes("
            f"{cause!r})); return row ? parseFloat(row.cells[3].innerText) : 0; }})()")

    def test_verdict_is_the_tools_and_chosen_at_first(self) -> None:
        self.assertIn("has the CPU that the service needs", self.text("#verdict .summary"))
        self.assertAlmostEqual(self.value("window-from"), 20, delta=1)
        self.assertAlmostEqual(self.value("baseline-to"), 20, delta=1)
        self.assertGreater(self.share("cpu contention"), 70)

    def test_names_stay_text(self) -> None:
        self.assertNotEqual(self.browser.run("document.title"), "owned")
        self.assertIn(HOSTILE, self.text("#threads"))
        self.assertIn("futex " + HOSTILE, self.text("#waits"))
        self.assertEqual(self.browser.run("document.querySelectorAll('main img, main script').length"), 0)

    def test_dragging_a_window_changes_everything(self) -> None:
        before, verdict = self.text("#occupants"), self.text("#verdict")
        self.browser.drag(self.place(2), self.place(12))
        self.assertAlmostEqual(self.value("window-from"), 2, delta=0.51)
        self.assertAlmostEqual(self.value("window-to"), 12, delta=0.51)
        self.assertEqual(self.share("cpu contention"), 0)
        self.assertNotEqual(self.text("#occupants"), before)
        self.assertIn("No thread waited for a CPU", self.text("#occupants"))
        self.assertEqual(self.text("#verdict"), verdict)
        # 10 seconds, of each of which the others waited for all but a millisecond.
        self.assertIn("9.99 s", self.text("#waits"))

    def test_dragging_with_shift_chooses_the_baseline(self) -> None:
        self.browser.drag(self.place(25), self.place(35), shift=True)
        self.assertAlmostEqual(self.value("baseline-from"), 25, delta=0.51)
        self.assertAlmostEqual(self.value("baseline-to"), 35, delta=0.51)
        # The window is as bad as this baseline.
        self.assertIn("1.0 times as long as in the baseline", self.text("#composition-lead"))

    def test_fields_and_buttons_do_what_dragging_does(self) -> None:
        self.browser.run(
            "for (const [id, value] of [['window-from', 5], ['window-to', 9]]) { const field = document.getElementById(id); "
            "field.value = value; field.dispatchEvent(new Event('change')); }")
        self.browser.settle()
        self.assertIn("4.00 s", self.text("#window-clock"))
        self.browser.run("document.getElementById('choose-all').click()")
        self.browser.settle()
        self.assertIn("40.0 s", self.text("#window-clock"))
        self.assertEqual(self.text("#baseline-clock"), "none")

    def test_keys_move_the_window_and_say_so(self) -> None:
        self.browser.run("document.getElementById('choose-verdict').click(); document.getElementById('timeline').focus()")
        self.browser.settle()
        begin = self.value("window-from")
        self.browser.key("ArrowLeft")
        self.assertAlmostEqual(self.value("window-from"), begin - 1, delta=0.1)
        end = self.value("window-to")
        self.browser.key("ArrowLeft", SHIFT)
        self.assertAlmostEqual(self.value("window-to"), end - 1, delta=0.1)
        self.assertIn("Window:", self.text("#announcement"))
        self.browser.key("ArrowDown")
        self.assertIn("on CPU", self.text("#announcement"))

    def test_everything_is_reached_by_tab_and_shows_it(self) -> None:
        self.browser.run("document.activeElement.blur()")
        seen = []
        for _ in range(30):
            self.browser.key("Tab")
            seen.append(self.browser.run("document.activeElement.id || document.activeElement.className"))
            if seen[-1] == "timeline":
                self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none")
        for wanted in ("skip", "theme", "timeline", "window-from", "baseline-to", "choose-all"):
            self.assertIn(wanted, seen)

    def test_tables_have_captions_heads_and_sort(self) -> None:
        self.assertEqual(self.browser.run("[...document.querySelectorAll('table')].filter(table => !table.caption).length"), 0)
        self.assertEqual(self.browser.run("[...document.querySelectorAll('thead th')].filter(head => head.scope !== 'col').length"), 0)
        self.browser.run("[...document.querySelectorAll('#waits button.sort')].find(button => button.textContent === 'Count').click()")
        self.assertEqual(self.browser.run("document.querySelector('#waits [aria-sort]').getAttribute('aria-sort')"), "descending")
        unnamed = "[...document.querySelectorAll('button, input, select')].filter(node => !node.textContent.trim() && !node.labels?.length)"
        self.assertEqual(self.browser.run(unnamed + ".length"), 0)

    def test_waits_can_be_filtered(self) -> None:
        self.browser.run(
            "const field = document.getElementById('waits-filter'); field.value = 'worker-7/'; field.dispatchEvent(new Event('input'))")
        self.browser.settle()
        self.assertEqual(self.browser.run("document.querySelectorAll('#waits tbody tr').length"), 1)

    def test_theme_follows_the_system_and_the_button(self) -> None:
        surface = "getComputedStyle(document.querySelector('.card')).backgroundColor"
        light = self.browser.run(surface)
        self.browser.set_dark(True)
        dark = self.browser.run(surface)
        self.assertNotEqual(dark, light)
        self.browser.run("document.getElementById('theme').click()")
        self.assertEqual(self.browser.run(surface), light)
        self.browser.set_dark(False)


if __name__ == "__main__":
    unittest.main()
