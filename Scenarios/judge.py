"""Comparing a diagnosis with the truth. Pure: the diagnosis's JSON and the expected verdict in, a judgement out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from recorder import NO_BOTTLENECK, Diagnosis
from scenario import Expected

# The causes of a wait add up to the wait: their shares to one at most, but for rounding.
WHOLE = 1.005


@dataclass(frozen=True)
class Judgement:
    """What is to be said about one diagnosis.

    A false positive is a bottleneck that is not there: any in a healthy run, the wrong one in another. `blame` is the sum of the
    causes' shares, which must not exceed one.
    """

    verdict: str
    top1: bool
    top3: bool
    false_positive: bool
    missed: bool
    unattributed: float | None
    lost: int | None
    blame: float
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def judge(diagnosis: Diagnosis, expected: Expected) -> Judgement:
    answer = diagnosis.answer
    verdict = answer.get("verdict") or {}
    causes = _verdict_first(answer)
    coverage = answer.get("coverage") or {}
    blame = sum(float(cause.get("share") or 0) for cause in causes)
    named = diagnosis.status == 0 and verdict.get("class") != "none"
    if diagnosis.error:
        return Judgement("error", False, False, False, False, None, None, 0.0, diagnosis.error)
    if expected.healthy:
        right = diagnosis.status == NO_BOTTLENECK and verdict.get("class", "none") == "none"
        top1 = top3 = right
    else:
        fits = [_fits(cause, expected) for cause in causes[:3]]
        sums_up = blame <= WHOLE
        top1 = named and sums_up and fits[:1] == [True] and verdict.get("class") == causes[0].get("class")
        top3 = named and sums_up and any(fits)
    return Judgement(
        verdict=_describe(diagnosis), top1=top1, top3=top3, false_positive=named and not top1,
        missed=not named and not expected.healthy,
        unattributed=_number(coverage.get("unattributed_share")), lost=_total(coverage.get("lost")), blame=blame)


def _verdict_first(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The causes, that of the verdict before the others: `verdict.cause` is its place, where it is not the first."""
    causes = list(answer.get("causes") or [])
    place = (answer.get("verdict") or {}).get("cause") or 0
    return causes[place:place + 1] + causes[:place] + causes[place + 1:]


def _fits(cause: Mapping[str, Any], expected: Expected) -> bool:
    """Whether a cause has the right class and the right culprit, and came the right way where that matters."""
    if cause.get("class") not in expected.classes:
        return False
    if expected.via and cause.get("via") not in expected.via:
        return False
    culprit = cause.get("culprit") or {}
    return any(all(_matches(culprit.get(key), value) for key, value in wanted.items())
               for wanted in expected.culprits)


def _matches(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_matches(value, one) for one in wanted)
    if isinstance(wanted, str):
        return isinstance(value, str) and re.fullmatch(wanted, value) is not None
    return value == wanted


def _describe(diagnosis: Diagnosis) -> str:
    """The verdict's cause in a few words: "cpu_contention stress-ng-cpu/4711"."""
    causes = _verdict_first(diagnosis.answer)
    verdict = diagnosis.answer.get("verdict") or {}
    if diagnosis.status == NO_BOTTLENECK or not causes:
        return str(verdict.get("class", "none"))
    culprit = causes[0].get("culprit") or {}
    thread = "/".join(str(culprit[key]) for key in ("comm", "pid", "tid") if culprit.get(key))
    others = [str(culprit[key]) for key in ("device", "endpoint", "cgroup") if culprit.get(key)]
    via = causes[0].get("via")
    return " ".join([str(causes[0].get("class")), thread, *others, f"via {via}" if via else ""]).strip()


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _total(value: Any) -> int | None:
    """The lost events: a number, or numbers by what was lost."""
    if isinstance(value, Mapping):
        return sum(_total(one) or 0 for one in value.values())
    if isinstance(value, list):
        return sum(_total(one) or 0 for one in value)
    return int(value) if isinstance(value, (int, float)) else None
