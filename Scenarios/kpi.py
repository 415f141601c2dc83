"""The workload's own key figure: what its clients say about themselves, in stretches of time.

A client appends lines "END_NS COUNT TOTAL_NS" to a file, several a second: the time (since the Unix epoch) at which a stretch
ended, how many units of work it completed in it, and how long they took together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

WORSE = 2.0  # a run counts if the figure got at least this many times as bad

_SYSBENCH = re.compile(r"^unit (\d+) (\d+) (\d+)$")
_PGBENCH = re.compile(r"^progress: ([\d.]+) s, ([\d.]+) tps, lat ([\d.]+|NaN) ms")


@dataclass(frozen=True)
class Stretch:
    """Some of a client's work: from and to are nanoseconds since the epoch."""

    begin: int
    end: int
    count: int
    total_ns: int


@dataclass(frozen=True)
class Change:
    """The figure in the healthy and in the faulty phase, and how many times as bad it became."""

    what: str
    healthy: float
    faulty: float
    times_worse: float

    def text(self) -> str:
        return f"{self.what} {self.healthy:,.2f} -> {self.faulty:,.2f}, {self.times_worse:.1f} times as bad"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Figure:
    """Throughput (more is better) or latency (less is better) of all the clients that write to some files."""

    kind: str  # "throughput" or "latency"
    files: tuple[Path, ...]

    def change(self, healthy: tuple[int, int], faulty: tuple[int, int]) -> Change:
        before, after = (self._over(phase) for phase in (healthy, faulty))
        if self.kind == "latency":
            worse = after / before if before else 0.0
            return Change("latency, ms", before, after, worse)
        # A client that got nothing done at all: say how bad it is at least, with one unit in the whole phase.
        least = 1e9 / (faulty[1] - faulty[0])
        return Change("units/s", before, after, before / max(after, least))

    def _over(self, phase: tuple[int, int]) -> float:
        """Mean latency in ms, or units a second, of the stretches that lie in a phase."""
        clients = [[part for part in read(file) if part.begin >= phase[0] and part.end <= phase[1]]
                   for file in self.files]
        if self.kind == "throughput":
            return sum(sum(part.count for part in parts) / sum(part.end - part.begin for part in parts) * 1e9
                       for parts in clients if parts)
        inside = [part for parts in clients for part in parts]
        count = sum(part.count for part in inside)
        return sum(part.total_ns for part in inside) / count / 1e6 if count else 0.0


def read(file: Path) -> Iterator[Stretch]:
    """What a client wrote: our own, sysbench with our hook, or pgbench --progress-timestamp."""
    last: int | None = None
    for line in file.read_text(errors="replace").splitlines():
        for parse in (_own, _sysbench, _pgbench):
            if (parsed := parse(line)) is not None:
                end, count, total = parsed
                if last is not None:
                    yield Stretch(last, end, count, total)
                last = end
                break


def _own(line: str) -> tuple[int, int, int] | None:
    fields = line.split()
    if len(fields) != 3 or not all(field.isdigit() for field in fields):
        return None
    return int(fields[0]), int(fields[1]), int(fields[2])


def _sysbench(line: str) -> tuple[int, int, int] | None:
    match = _SYSBENCH.match(line)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _pgbench(line: str) -> tuple[int, int, int] | None:
    match = _PGBENCH.match(line)
    if match is None:
        return None
    count = round(float(match[2]))  # it reports once a second
    return int(float(match[1]) * 1e9), count, round(float(match[3]) * 1e6 * count) if count else 0
