"""One run of one scenario: start, load, a healthy phase, the fault, a faulty phase; all of it recorded."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi import WORSE, Change
from place import Place
from processes import ROOT, wait_for_quiet
from recorder import recorded
from scenario import Expected, Scenario

KEPT = ROOT / ".build/scenarios/recordings"

SETTLING = 2.0  # seconds from the start of the load to that of the recording
LEAVING = 1.0  # and those that are recorded after the faulty phase
TAKING_HOLD = 0.5  # seconds until a fault is felt, which belong to no phase


@dataclass(frozen=True)
class Run:
    """What a run left: its recording, and beside it what is true about it."""

    scenario: str
    recording: Path
    change: Change
    expected: Expected

    @property
    def counts(self) -> bool:
        """Whether the figure got as bad as a fault's must; or, of a healthy run, whether it did not."""
        return (self.change.times_worse >= WORSE) != self.expected.healthy

    def keep(self) -> None:
        truth = {"scenario": self.scenario, "change": self.change.as_dict(), "expected": self.expected.as_dict()}
        self.recording.with_suffix(".json").write_text(json.dumps(truth, indent=1))

    @classmethod
    def kept(cls, truth: Path) -> Run:
        said: dict[str, Any] = json.loads(truth.read_text())
        return cls(said["scenario"], truth.with_suffix(".stall"), Change(**said["change"]),
                   Expected.of(said["expected"]))


def run(name: str, scenario: Scenario, number: int) -> Run:
    KEPT.mkdir(parents=True, exist_ok=True)
    recording = KEPT / f"{name}-{number}.stall"
    recording.with_suffix(".json").unlink(missing_ok=True)  # it is about an older recording
    wait_for_quiet(5)
    with Place() as place:
        pid = scenario.start(place)
        figure = scenario.load(place)
        time.sleep(SETTLING)
        with recorded(pid, recording):
            healthy = _phase(scenario.healthy_seconds)
            scenario.fault(place)
            time.sleep(TAKING_HOLD)
            faulty = _phase(scenario.fault_seconds)
            expected = scenario.expected(place)
            time.sleep(LEAVING)
        done = Run(name, recording, figure.change(healthy, faulty), expected)
    done.keep()
    return done


def _phase(seconds: float) -> tuple[int, int]:
    begin = time.time_ns()
    time.sleep(seconds)
    return begin, time.time_ns()
