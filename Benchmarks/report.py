"""Tables: on the terminal, and in docs/performance.md between its markers."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from measure import Result
from processes import ROOT

PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


@dataclass(frozen=True)
class Table:
    title: str
    about: str
    columns: list[str]
    rows: list[list[str]]
    conditions: str = field(default_factory=lambda: _conditions())

    @classmethod
    def of_ratios(
        cls, title: str, about: str, unit: str, digits: int, groups: Sequence[dict[str, Result]]
    ) -> Table:
        """Each group's variants: the value, and the ratio to the group's first one."""
        rows = [
            [name, f"{result.values.median:,.{digits}f}", result.ratios.text(3)]
            for group in groups for name, result in group.items()
        ]
        return cls(title, about, ["", f"{unit}, median", "relative, median [its 95 % interval] (range)"], rows)

    def markdown(self) -> str:
        head = ["| " + " | ".join(self.columns) + " |", "|" + " --- |" * len(self.columns)]
        body = ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join([f"### {self.title}", "", self.about, "", *head, *body, "", f"*{self.conditions}*"])


def publish(table: Table) -> None:
    """Writes a table into the page in place of the one of the same title, or after all others."""
    text = PAGE.read_text() if PAGE.exists() else "# Performance\n"
    if BEGIN not in text or END not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    block, after = rest.split(END, 1)
    sections = {part.split("\n", 1)[0]: f"### {part}".strip() for part in block.split("### ")[1:]}
    sections[table.title] = table.markdown()
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n\n".join(sections.values()) + f"\n{END}{after}")


def _conditions() -> str:
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return (
        f"{time.strftime('%Y-%m-%d')}, commit {commit.stdout.strip() or 'unknown'}, "
        f"Linux {platform.release().split('-')[0]}, {os.cpu_count()} CPUs")
