"""Measuring variants in turn, and what is said about the numbers.

A machine's speed drifts by more than the effects that are measured here.  So every run of a variant has a
run of the base just before and just after it (A, B, A, C, A, B, A, C, A, ...) and is divided by the mean of
those two; the median and the range of the ratios are reported, and between which values the true median lies.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from processes import wait_for_quiet


@dataclass(frozen=True)
class Series:
    """Values of one thing, from run to run."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true median lies, with at least 95 % confidence; None for fewer than six values.

        Of n values, each is below the true median with probability 1/2, whatever their distribution.
        """
        count = len(self.values)
        chance, cut = 0.0, 0
        while chance + math.comb(count, cut) / 2**count <= 0.025:
            chance += math.comb(count, cut) / 2**count
            cut += 1
        if cut == 0:
            return None
        ordered = sorted(self.values)
        return ordered[cut - 1], ordered[count - cut]

    def text(self, digits: int) -> str:
        """The median, where it lies, and the range: "1.05 [1.04-1.06] (1.03-1.08)"."""
        def between(low: float, high: float) -> str:
            return f"{low:.{digits}f}-{high:.{digits}f}"

        interval = f" [{between(*self.interval)}]" if self.interval else ""
        return f"{self.median:.{digits}f}{interval} ({between(min(self.values), max(self.values))})"


@dataclass(frozen=True)
class Result:
    """A variant's values, and what they are relative to the base at the same time."""

    values: Series
    ratios: Series


def in_turn(rounds: int, unit: str, variants: Mapping[str, Callable[[], float]]) -> dict[str, Result]:
    """Runs the variants, of which the first is the base.

    The base's own ratios are to its median: how far this machine's numbers wander by themselves.
    """
    def wrapped(run: Callable[[], float]) -> Callable[[], dict[str, float]]:
        return lambda: {unit: run()}

    results = all_in_turn(rounds, {name: wrapped(run) for name, run in variants.items()})
    return {name: figures[unit] for name, figures in results.items()}


def all_in_turn(
    rounds: int, variants: Mapping[str, Callable[[], Mapping[str, float]]]
) -> dict[str, dict[str, Result]]:
    """The same for runs that give several figures, by their units."""
    (base_name, base), *others = variants.items()
    bases = [_run(base_name, base)]
    values: dict[str, list[Mapping[str, float]]] = {name: [] for name, _ in others}
    around: dict[str, list[tuple[Mapping[str, float], Mapping[str, float]]]] = {name: [] for name, _ in others}
    for number in range(1, rounds + 1):
        say(f"  round {number} of {rounds}")
        for name, run in others:
            values[name].append(_run(name, run))
            bases.append(_run(base_name, base))
            around[name].append((bases[-2], bases[-1]))
    results: dict[str, dict[str, Result]] = {base_name: {}, **{name: {} for name in values}}
    for unit in bases[0]:
        own = [figures[unit] for figures in bases]
        middle = statistics.median(own)
        results[base_name][unit] = Result(Series(tuple(own)), Series(tuple(value / middle for value in own)))
        for name in values:
            mine = [figures[unit] for figures in values[name]]
            beside = [statistics.mean((before[unit], after[unit])) for before, after in around[name]]
            ratios = tuple(value / base for value, base in zip(mine, beside, strict=True))
            results[name][unit] = Result(Series(tuple(mine)), Series(ratios))
    return results


def _run(name: str, run: Callable[[], Mapping[str, float]]) -> Mapping[str, float]:
    quiet = wait_for_quiet()
    figures = run()
    text = "  ".join(f"{value:14,.2f} {unit}" for unit, value in figures.items())
    say(f"    {name:<40} {text}{'' if quiet else '   (the machine was busy)'}")
    return figures


def trimmed(values: Sequence[float], share: float = 1 / 8) -> tuple[float, float]:
    """The mean without a share of the smallest and as many of the largest, and half its 95 % interval.

    The interval follows from the winsorized variance (Tukey and McLaughlin, 1963).
    """
    ordered = sorted(values)
    count, cut = len(ordered), int(len(ordered) * share)
    middle = ordered[cut:count - cut]
    winsorized = [middle[0]] * cut + middle + [middle[-1]] * cut
    return statistics.mean(middle), 2 * statistics.stdev(winsorized) / ((1 - 2 * cut / count) * math.sqrt(count))


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
