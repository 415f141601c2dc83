"""Timelines, read by Perfetto's own Python classes."""

import unittest
from collections import defaultdict

from recordings import example, export, module, recorded, states, value

BEGIN, END, INSTANT = 1, 2, 3


class Perfetto(unittest.TestCase):
    def read(self, recording, *options):
        """Tracks by uuid, and events of each track in the order of time as the trace processor sorts them."""
        protos = module("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
        trace = protos.Trace.FromString(export(recording, "--format", "perfetto", *options))
        tracks, events = {}, defaultdict(list)
        for packet in trace.packet:
            if packet.HasField("track_descriptor"):
                tracks[packet.track_descriptor.uuid] = packet.track_descriptor
            elif packet.HasField("track_event"):
                events[packet.track_event.track_uuid].append((packet.timestamp, packet.track_event))
        for track in events.values():
            track.sort(key=lambda event: event[0])
        self.assertTrue(trace.packet[0].HasField("clock_snapshot"))
        return trace, tracks, events

    def slices(self, track):
        """Slices of a track, which must not overlap: category, name, begin, end, event."""
        opened = None
        for time, event in track:
            if event.type == BEGIN:
                self.assertIsNone(opened, f"{event.name} begins in another slice")
                opened = (time, event)
            elif event.type == END:
                self.assertIsNotNone(opened, "ends without a beginning")
                yield opened[1].categories[0], opened[1].name, opened[0], time, opened[1]
                opened = None
        self.assertIsNone(opened, "does not end")

    def test_threads_add_up(self) -> None:
        trace, tracks, events = self.read(example())
        offset = {clock.clock_id: clock.timestamp for clock in trace.packet[0].clock_snapshot.clocks}
        self.assertEqual(offset[1] - offset[6], 1_700_002_797_000_000_000 - 5_000_000_000)
        threads = {track.thread.tid: (uuid, track.thread) for uuid, track in tracks.items() if track.HasField("thread")}
        self.assertEqual({tid: (thread.pid, thread.thread_name) for tid, (_, thread) in threads.items()},
                         {101: (100, 'wörker, "1"'), 102: (100, "peer"), 103: (100, "idle"), 201: (200, "client")})
        for tid, (uuid, _) in threads.items():
            sums = {"on-cpu": 0, "run-queue": 0, "blocked": 0}
            for category, _, begin, end, _ in self.slices(events[uuid]):
                sums[category] += end - begin
            self.assertEqual(sums, states(example(), f"tid = {tid}"))

    def test_wakers_are_on_a_cpu_and_flows_meet(self) -> None:
        for name, make in (("example", example), ("real", recorded)):
            with self.subTest(name):
                _, _, events = self.read(make())
                begins, ends = {}, {}
                for uuid, track in events.items():
                    slices = list(self.slices(track))
                    for time, event in track:
                        for flow in event.flow_ids:
                            self.assertEqual(event.type, INSTANT)
                            begins[flow] = time
                            if name == "example":
                                self.assertTrue(any(kind == "on-cpu" and begin <= time <= end
                                                    for kind, _, begin, end, _ in slices))
                        for flow in event.terminating_flow_ids:
                            self.assertEqual(event.type, BEGIN)
                            ends[flow] = time
                self.assertGreater(len(begins), 10)
                self.assertEqual(begins, ends)

    def test_a_wait_says_what_for(self) -> None:
        _, tracks, events = self.read(example(), "--thread", "102", "--to", "+2s")
        self.assertEqual([track.thread.tid for track in tracks.values() if track.HasField("thread")], [102])
        (track,) = events.values()
        wait = next(event for _, name, _, _, event in self.slices(track) if name == "file_read")
        notes = {note.name: note.string_value for note in wait.debug_annotations}
        self.assertEqual(notes["resource"], '/data/a,"b";\n.db')
        self.assertEqual((notes["ended by"], notes["system call"]), ("block", "read"))

    def test_real_threads_add_up(self) -> None:
        """Spells and ticks are two accounts of the same: they agree to what begins and ends the recording."""
        _, tracks, events = self.read(recorded())
        for uuid, track in tracks.items():
            if not track.HasField("thread"):
                continue
            blocked = sum(end - begin for kind, _, begin, end, _ in self.slices(events[uuid]) if kind == "blocked")
            expected = value(recorded(), f"SELECT coalesce(sum(blocked_ns), 0) AS ns FROM thread_seconds "
                                         f"WHERE tid = {track.thread.tid}")
            self.assertLess(abs(blocked - expected), 0.02 * expected + 20_000_000, track.thread.thread_name)


if __name__ == "__main__":
    unittest.main()
