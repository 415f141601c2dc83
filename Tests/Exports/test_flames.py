"""Flame graphs, read by programs that are not ours: inferno, protoc with the public profile.proto, jsonschema, Graphviz."""

import gzip
import json
import subprocess
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

from recordings import example, export, module, recorded, states, tool, value

PROFILE_PROTO = Path("/usr/share/gocode/src/github.com/google/pprof/proto")


def folded(text: bytes) -> list[tuple[list[str], int]]:
    lines = text.decode().splitlines()
    return [(stack.split(";"), int(time)) for stack, time in (line.rsplit(" ", 1) for line in lines)]


class Recordings(unittest.TestCase):
    """Runs each test on recordings with and without stacks, made up and real."""

    def each(self):
        for name, make, options in (
                ("threads", lambda: example(), ()), ("stacks", lambda: example(True), ()),
                ("stacks left out", lambda: example(True), ("--no-stacks",)),
                ("real stacks", recorded, ()), ("real threads", recorded, ("--no-stacks",))):
            with self.subTest(name):
                yield make(), options

    def check(self, sums: dict[str, int], recording: Path, options: tuple[str, ...]) -> None:
        """Whether times in each state are exactly the recording's."""
        expected = states(recording)
        if not options and value(recording, "SELECT count(*) AS n FROM stack_waits"):
            expected["blocked"] = value(recording, "SELECT sum(total_ns) AS ns FROM stack_waits")
        self.assertEqual(sums, expected)
        self.assertGreater(sum(sums.values()), 0)


class Folded(Recordings):
    def test_times_are_the_recordings(self) -> None:
        for recording, options in self.each():
            sums = {state: sum(time for _, time in folded(
                export(recording, "--format", "folded", "--state", state, *options)))
                for state in ("on-cpu", "run-queue", "blocked")}
            self.check(sums, recording, options)
            whole = sum(time for _, time in folded(export(recording, "--format", "folded", *options)))
            self.assertEqual(whole, sum(sums.values()))

    def test_inferno_draws_it(self) -> None:
        inferno = module("pyinferno")
        for recording, options in self.each():
            text = export(recording, "--format", "folded", *options)
            root = ElementTree.fromstring(inferno.flamegraph_from_lines(text.decode().splitlines()))
            total = next(title for title in root.iter("{http://www.w3.org/2000/svg}title") if
                         (title.text or "").startswith("all"))
            samples = int("".join(digit for digit in total.text.split(" samples")[0] if digit.isdigit()))
            self.assertEqual(samples, sum(time for _, time in folded(text)))

    def test_a_waker_is_above_the_wait(self) -> None:
        stacks = folded(export(example(), "--format", "folded", "--state", "blocked"))
        self.assertIn((["server:x/100", "wörker, \"1\"/101", "futex", "mutex 'a'", "ended by peer/102"],
                       6 * 380_000_000), stacks)
        frames = folded(export(example(True), "--format", "folded", "--state", "blocked"))
        self.assertIn((["server:x/100", "main", "take(int, char)", "futex_wait_[k]", "futex", "ended by peer/100",
                        "give", "main"], 6 * 380_000_000), frames)


class Speedscope(Recordings):
    # What speedscope's file-format-spec.ts asks of files with sampled profiles.
    SCHEMA = {
        "type": "object",
        "required": ["$schema", "shared", "profiles"],
        "properties": {
            "$schema": {"const": "https://www.speedscope.app/file-format-schema.json"},
            "name": {"type": "string"}, "exporter": {"type": "string"},
            "activeProfileIndex": {"type": "integer", "minimum": 0},
            "shared": {
                "type": "object", "required": ["frames"], "additionalProperties": False,
                "properties": {"frames": {"type": "array", "items": {
                    "type": "object", "required": ["name"], "additionalProperties": False,
                    "properties": {"name": {"type": "string"}, "file": {"type": "string"},
                                   "line": {"type": "integer"}, "col": {"type": "integer"}}}}}},
            "profiles": {"type": "array", "minItems": 1, "items": {
                "type": "object", "additionalProperties": False,
                "required": ["type", "name", "unit", "startValue", "endValue", "samples", "weights"],
                "properties": {
                    "type": {"const": "sampled"}, "name": {"type": "string"},
                    "unit": {"enum": ["none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"]},
                    "startValue": {"type": "number"}, "endValue": {"type": "number"},
                    "samples": {"type": "array", "items": {
                        "type": "array", "items": {"type": "integer", "minimum": 0}}},
                    "weights": {"type": "array", "items": {"type": "number", "minimum": 0}}}}}},
        "additionalProperties": False,
    }

    def test_it_is_as_its_schema_says_and_adds_up(self) -> None:
        jsonschema = module("jsonschema")
        for recording, options in self.each():
            sums = {}
            for state in ("on-cpu", "run-queue", "blocked"):
                file = json.loads(export(recording, "--format", "speedscope", "--state", state, *options))
                jsonschema.validate(file, self.SCHEMA)
                for profile in file["profiles"]:
                    self.assertEqual(len(profile["samples"]), len(profile["weights"]))
                    self.assertEqual(sum(profile["weights"]), profile["endValue"])
                    self.assertTrue(all(frame < len(file["shared"]["frames"])
                                        for sample in profile["samples"] for frame in sample))
                every, *processes = file["profiles"]
                self.assertEqual(every["endValue"], sum(profile["endValue"] for profile in processes))
                sums[state] = every["endValue"]
            self.check(sums, recording, options)


class Pprof(Recordings):
    @classmethod
    def setUpClass(cls) -> None:
        protobuf = module("google.protobuf.descriptor_pb2")
        factory = module("google.protobuf.message_factory")
        pool = module("google.protobuf.descriptor_pool").DescriptorPool()
        with tempfile.TemporaryDirectory() as folder:
            descriptors = Path(folder) / "set"
            subprocess.run([tool("protoc"), f"-I{PROFILE_PROTO}", f"--descriptor_set_out={descriptors}",
                            "profile.proto"], check=True)
            for file in protobuf.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
                pool.Add(file)
        cls.profile = factory.GetMessageClass(pool.FindMessageTypeByName("perftools.profiles.Profile"))

    def test_the_public_definition_reads_it(self) -> None:
        for recording, options in self.each():
            profile = self.profile.FromString(gzip.decompress(export(recording, "--format", "pprof", *options)))
            texts = list(profile.string_table)
            self.assertEqual(texts[0], "")
            self.assertEqual([(texts[kind.type], texts[kind.unit]) for kind in profile.sample_type],
                             [("time", "nanoseconds"), ("waits", "count")])
            functions = {function.id: texts[function.name] for function in profile.function}
            locations = {location.id: functions[location.line[0].function_id] for location in profile.location}
            self.assertNotIn(0, functions)
            self.assertNotIn(0, locations)
            sums: dict[str, int] = {"on-cpu": 0, "run-queue": 0, "blocked": 0}
            stacks = {}
            for sample in profile.sample:
                labels = {texts[label.key]: texts[label.str] for label in sample.label}
                self.assertEqual(labels["process"], locations[sample.location_id[-1]])
                sums[labels["state"]] += sample.value[0]
                names = tuple(locations[location].replace(";", ":") for location in reversed(sample.location_id))
                stacks[names] = stacks.get(names, 0) + sample.value[0]
            self.check(sums, recording, options)
            self.assertEqual(profile.duration_nanos, value(
                recording, "SELECT max(time_ns) - min(time_ns - duration_ns) AS ns FROM ticks"))
            for names, time in folded(export(recording, "--format", "folded", *options)):
                if not any("\\" in name for name in names):
                    self.assertEqual(stacks[tuple(names)], time)


class Dot(Recordings):
    def test_graphviz_draws_it(self) -> None:
        dot = tool("dot")
        for recording, _ in self.each():
            drawn = subprocess.run([dot, "-Tsvg"], input=export(recording, "--format", "dot"), capture_output=True,
                                   check=True)
            self.assertEqual(drawn.stderr, b"")
            root = ElementTree.fromstring(drawn.stdout)
            classes = [group.get("class") for group in root.iter("{http://www.w3.org/2000/svg}g")]
            self.assertGreater(classes.count("edge"), 0)
            self.assertGreater(classes.count("node"), 1)


if __name__ == "__main__":
    unittest.main()
