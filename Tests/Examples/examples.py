"""The examples of the documentation: commands and queries in blocks of code, and the marks of those that cannot run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"(?:\$ )?((?:sudo )?stallscope .*)")
QUERY = re.compile(r"SELECT\b|WITH\b")
# Before a block: what in it is not run, and why.
MARK = re.compile(r"<!-- not run: `(?P<part>[^`]+)`: (?P<why>.+) -->")


@dataclass(frozen=True)
class Example:
    place: str
    text: str
    # Why it is not run; empty if it is.
    why_not: str = ""


@dataclass
class Page:
    """A document's examples."""

    commands: list[Example] = field(default_factory=list)
    queries: list[Example] = field(default_factory=list)
    # Marks that fit no command of the block that follows.
    idle_marks: list[str] = field(default_factory=list)


def blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Blocks of code, fenced or indented, with the number of their first line."""
    block: list[str] = []
    begin, fence, before = 0, False, ""
    for number, line in enumerate([*lines, ""], start=1):
        if line.startswith("```"):
            if block:
                yield begin, block
            block, fence = [], not fence
        elif fence or (line.startswith("    ") and (block or not before.strip() or before.startswith("<!--"))):
            if not block:
                begin = number
            block.append(line if fence else line[4:])
        elif block and not fence:
            yield begin, block
            block = []
        before = line


def read(document: Path) -> Page:
    page = Page()
    lines = document.read_text().splitlines()
    for begin, block in blocks(lines):
        marks = []
        above = begin - 2
        while above >= 0 and (not lines[above].strip() or MARK.fullmatch(lines[above])):
            if match := MARK.fullmatch(lines[above]):
                marks.append(match)
            above -= 1
        place = f"{document.relative_to(ROOT)}:{begin}"
        if QUERY.match(block[0]):
            page.queries.append(Example(place, "\n".join(block)))
        used = set()
        for offset, line in enumerate(block):
            if match := COMMAND.fullmatch(line):
                mark = next((mark for mark in marks if mark["part"] in line), None)
                used.add(mark)
                place = f"{document.relative_to(ROOT)}:{begin + offset}"
                page.commands.append(Example(place, match[1], mark["why"] if mark else ""))
        page.idle_marks += [f"{place}: {mark[0]}" for mark in marks if mark not in used]
    return page
