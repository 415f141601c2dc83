"""What the page of a recording costs: to make it, its size, and how soon a browser shows it and follows a drag."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from diagnosis import SECONDS, _record, _repeat
from measure import Series, say
from processes import ROOT, Failure
from report import Table
from tools import STALLSCOPE

sys.path.insert(0, str(ROOT / "Tests/Browser"))

THREADS = 1_000
MINUTES = (1, 60)

# Moves the window by one step after the other, and looks at the time of each until it is drawn.
FOLLOW = """
(async () => {
  const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const field = name => document.getElementById(name), times = [];
  const last = Number(field('window-to').value);
  for (let step = 0; step < 30; step++) {
    field('window-from').value = last * 0.2 + step; field('window-to').value = last * 0.6 + step;
    const begin = performance.now();
    field('window-to').dispatchEvent(new Event('change'));
    await drawn();
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b)[15];
})()
"""


def run(rounds: int) -> Table:
    # Not everybody who measures something else has a browser.
    from chromium import Browser

    rows = []
    with tempfile.TemporaryDirectory() as directory:
        short, page = Path(directory) / "short.stall", Path(directory) / "page.html"
        _record(short, THREADS)
        for minutes in MINUTES:
            long = Path(directory) / "long.stall"
            _repeat(short, long, minutes * 60 // SECONDS)
            made, first, follow = [], [], []
            for _ in range(rounds):
                made.append(_make(long, page))
                with Browser() as browser:
                    browser.open(page, seconds=300)
                    first.append(browser.run("performance.getEntriesByName('stallscope-ready')[0].startTime") / 1e3)
                    follow.append(browser.run(FOLLOW))
                    if browser.errors:
                        raise Failure(f"the page said: {browser.errors}")
            size = page.stat().st_size / 1e6
            say(f"  {minutes} min: {made}, {size:.1f} MB, {first}, {follow}")
            rows.append([
                f"{THREADS:,} threads, {minutes} min", Series(tuple(cost[0] for cost in made)).text(1),
                Series(tuple(cost[1] / 1e6 for cost in made)).text(0), f"{size:.1f}",
                Series(tuple(first)).text(2), Series(tuple(follow)).text(0)])
            long.unlink()
    return Table(
        "A page",
        f"`stallscope report --html` of the recordings that a diagnosis is measured with, and its page in headless Chromium, which draws "
        f"without a graphics card: from the beginning of the navigation to the first picture, and from a change of the window to the "
        f"picture that follows (median of 30); {rounds} rounds, median (range).",
        ["", "seconds to make", "peak MB", "page MB", "seconds to the first picture", "ms to follow"], rows)


def _make(recording: Path, page: Path) -> tuple[float, int]:
    begin = time.monotonic()
    process = subprocess.Popen([STALLSCOPE, "report", str(recording), "--html", str(page)], stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failure(f"stallscope report --html ended with {process.returncode}")
    return time.monotonic() - begin, usage.ru_maxrss * 1024
