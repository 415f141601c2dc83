"""The harness's own judgement: python3 -B -m unittest discover -s Scenarios (no root needed)."""

import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent / "Benchmarks"))

from judge import judge  # noqa: E402
from kpi import Figure, read  # noqa: E402
from recorder import NO_BOTTLENECK, Diagnosis  # noqa: E402
from scenario import Expected  # noqa: E402

HOLDER = Expected(("on_cpu",), ({"pid": 7, "tid": [8, 9]},), via=("futex",))
NEIGHBOUR = Expected(("cpu_contention",), ({"comm": "stress-ng.*"},))


def cause(kind: str, share: float, via: str = "self", **culprit: Any) -> dict[str, Any]:
    return {"class": kind, "via": via, "share": share, "culprit": culprit}


def said(*causes: dict[str, Any], verdict: str | None = None) -> Diagnosis:
    return Diagnosis(0, {"verdict": {"class": verdict or causes[0]["class"]}, "causes": list(causes),
                         "coverage": {"unattributed_share": 0.02, "lost": {"waits": 2, "ring": 3}}})


class Judging(unittest.TestCase):
    def test_class_culprit_and_way_must_all_be_right(self) -> None:
        self.assertTrue(judge(said(cause("on_cpu", 0.9, "futex", pid=7, tid=9)), HOLDER).top1)
        for wrong in (cause("sleep", 0.9, "futex", pid=7, tid=9), cause("on_cpu", 0.9, "futex", pid=7, tid=10),
                      cause("on_cpu", 0.9, "futex", pid=6, tid=9), cause("on_cpu", 0.9, "pipe", pid=7, tid=9),
                      cause("on_cpu", 0.9, "futex", pid=7)):
            judgement = judge(said(wrong), HOLDER)
            self.assertFalse(judgement.top1 or judgement.top3)
            self.assertTrue(judgement.false_positive)

    def test_texts_match_as_a_whole(self) -> None:
        self.assertTrue(judge(said(cause("cpu_contention", 0.5, comm="stress-ng-cpu")), NEIGHBOUR).top1)
        self.assertFalse(judge(said(cause("cpu_contention", 0.5, comm="no-stress-ng")), NEIGHBOUR).top1)

    def test_the_third_cause_is_among_the_first_three_and_the_fourth_is_not(self) -> None:
        other, right = cause("sleep", 0.2, pid=1), cause("on_cpu", 0.1, "futex", pid=7, tid=8)
        third = judge(said(other, other, right), HOLDER)
        self.assertEqual((third.top1, third.top3), (False, True))
        self.assertFalse(judge(said(other, other, other, right), HOLDER).top3)

    def test_blame_above_the_whole_is_wrong(self) -> None:
        right = cause("on_cpu", 0.9, "futex", pid=7, tid=8)
        judgement = judge(said(right, cause("sleep", 0.9, pid=1)), HOLDER)
        self.assertAlmostEqual(judgement.blame, 1.8)
        self.assertFalse(judgement.top1 or judgement.top3)

    def test_the_verdict_must_be_the_first_cause(self) -> None:
        self.assertFalse(judge(said(cause("on_cpu", 0.9, "futex", pid=7, tid=8), verdict="sleep"), HOLDER).top1)

    def test_the_verdict_may_point_to_a_later_cause(self) -> None:
        answer = said(cause("sleep", 0.5, pid=1), cause("on_cpu", 0.2, "futex", pid=7, tid=8), verdict="on_cpu").answer
        answer["verdict"]["cause"] = 1
        self.assertTrue(judge(Diagnosis(0, answer), HOLDER).top1)

    def test_a_fault_of_which_nothing_is_said_is_missed(self) -> None:
        judgement = judge(Diagnosis(NO_BOTTLENECK, {"verdict": {"class": "none"}, "causes": []}), HOLDER)
        self.assertEqual((judgement.top1, judgement.missed, judgement.false_positive), (False, True, False))

    def test_healthy_means_none_and_the_status_that_goes_with_it(self) -> None:
        self.assertTrue(judge(Diagnosis(NO_BOTTLENECK, {"verdict": {"class": "none"}}), Expected()).top1)
        self.assertTrue(judge(said(cause("sleep", 0.9, pid=1)), Expected()).false_positive)
        self.assertFalse(judge(Diagnosis(0, {"verdict": {"class": "none"}, "causes": []}), Expected()).top1)

    def test_an_error_is_neither_right_nor_a_false_positive(self) -> None:
        for expected in (Expected(), HOLDER):
            judgement = judge(Diagnosis(64, {}, "no such command"), expected)
            self.assertFalse(judgement.top1 or judgement.top3 or judgement.false_positive or judgement.missed)

    def test_losses_are_added_up_and_what_is_not_told_is_not_zero(self) -> None:
        self.assertEqual(judge(said(cause("sleep", 0.9)), HOLDER).lost, 5)
        self.assertIsNone(judge(Diagnosis(NO_BOTTLENECK, {}), HOLDER).lost)


class Measuring(unittest.TestCase):
    def figure(self, kind: str, text: str) -> Figure:
        file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "units"
        file.write_text(text)
        return Figure(kind, (file,))

    def test_only_stretches_within_a_phase_count(self) -> None:
        lines = [f"{second * 10**9} {10 if second <= 5 else 2} 1000000" for second in range(11)]
        change = self.figure("throughput", "\n".join(lines)).change((0, 5 * 10**9), (5 * 10**9, 10 * 10**9))
        self.assertEqual((change.healthy, change.faulty, change.times_worse), (10, 2, 5))
        half = self.figure("throughput", "\n".join(lines)).change((0, 5 * 10**9), (int(5.5e9), int(7.5e9)))
        self.assertEqual(half.faulty, 2)

    def test_latency_is_the_mean_of_all_units(self) -> None:
        text = "0 1 0\n1000000000 2 4000000\n2000000000 1 8000000\n"
        change = self.figure("latency", text).change((0, 10**9), (10**9, 2 * 10**9))
        self.assertEqual((change.healthy, change.faulty, change.times_worse), (2, 8, 4))

    def test_a_client_that_stands_still_is_worse_by_what_it_would_have_done(self) -> None:
        text = "0 1 0\n1000000000 50 0\n2000000000 0 0\n"
        self.assertEqual(self.figure("throughput", text).change((0, 10**9), (10**9, 2 * 10**9)).times_worse, 50)

    def test_other_clients_lines_are_understood(self) -> None:
        text = ("starting\nprogress: 100.5 s, 4.0 tps, lat 2.000 ms stddev 0.1, 0 failed\n"
                "progress: 101.5 s, 4.0 tps, lat 2.000 ms stddev 0.1, 0 failed\n"
                "progress: 102.5 s, 0.0 tps, lat 0.000 ms stddev 0.000, 0 failed\nunit 103500000000 7 0\n")
        parts = list(read(self.figure("latency", text).files[0]))
        self.assertEqual([(part.begin, part.end, part.count, part.total_ns) for part in parts],
                         [(100_500_000_000, 101_500_000_000, 4, 8_000_000), (101_500_000_000, 102_500_000_000, 0, 0),
                          (102_500_000_000, 103_500_000_000, 7, 0)])


if __name__ == "__main__":
    unittest.main()
