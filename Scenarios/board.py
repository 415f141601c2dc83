"""The scoreboard: what came of the runs, scenario by scenario and in all."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from judge import Judgement
from processes import ROOT
from run import Run
from scenario import Scenario

PAGE = ROOT / "docs/diagnosis.md"
RESULTS = ROOT / ".build/scenarios/results.json"
BEGIN, END = "<!-- scenarios:begin -->", "<!-- scenarios:end -->"

COLUMNS = ["", "scenario", "times as bad, median (least)", "counted", "top-1", "top-3", "false positives", "missed", "errors",
           "unattributed", "lost events"]


@dataclass(frozen=True)
class Result:
    """A run and what was said about it; no judgement where nobody was asked."""

    run: Run
    judgement: Judgement | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "scenario": self.run.scenario, "recording": str(self.run.recording.relative_to(ROOT)),
            "counts": self.run.counts, "change": self.run.change.as_dict(),
            "expected": self.run.expected.as_dict(),
            "judgement": self.judgement.as_dict() if self.judgement else None}


def write_results(results: Sequence[Result]) -> None:
    """The machine-readable form: every run, and the total."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    total = dict(zip(COLUMNS[3:], _tally(results), strict=True))
    RESULTS.write_text(json.dumps(
        {"conditions": _conditions(), "total": total, "runs": [one.as_dict() for one in results]}, indent=1))


def markdown(scenarios: dict[str, Scenario], results: Sequence[Result]) -> str:
    rows = []
    for name, scenario in scenarios.items():
        mine = [one for one in results if one.run.scenario == name]
        if mine:
            rows.append([scenario.number, f"{scenario.about}: {scenario.right}", _worse(mine), *_tally(mine)])
    rows.append(["", "**all**", "", *_tally(results)])
    head = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    return "\n".join([*head, *["| " + " | ".join(row) + " |" for row in rows], "", f"*{_conditions()}*"])


def publish(table: str) -> None:
    """Puts the table between the markers of the page."""
    text = PAGE.read_text() if PAGE.exists() else "# Diagnosis\n"
    if BEGIN not in text or END not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


def _worse(results: Sequence[Result]) -> str:
    values = [one.run.change.times_worse for one in results]
    return f"{statistics.median(values):.1f} ({min(values):.1f})"


def _tally(results: Sequence[Result]) -> list[str]:
    """The columns from "counted" on. Only runs that count are judged."""
    counted = [one for one in results if one.run.counts]
    said = [one.judgement for one in counted if one.judgement]
    runs = f"{len(counted)} of {len(results)}"
    if not said:
        return [runs, *["not asked"] * 7]
    shares = [one.unattributed for one in said if one.unattributed is not None]
    lost = [one.lost for one in said if one.lost is not None]
    return [
        runs, _share(sum(one.top1 for one in said), len(said)), _share(sum(one.top3 for one in said), len(said)),
        str(sum(one.false_positive for one in said)), str(sum(one.missed for one in said)),
        str(sum(bool(one.error) for one in said)),
        f"{statistics.mean(shares):.2%}" if shares else "not told", f"{sum(lost):,}" if lost else "not told"]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})"


def _conditions() -> str:
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return (f"{time.strftime('%Y-%m-%d')}, commit {commit.stdout.strip() or 'unknown'}, "
            f"Linux {platform.release().split('-')[0]}, {os.cpu_count()} CPUs")
