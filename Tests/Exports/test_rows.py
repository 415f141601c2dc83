"""Rows, read by Python's csv and json, and Parquet by pyarrow and DuckDB."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from recordings import example, export, module, recorded, stallscope, tool, value

csv.field_size_limit(1 << 24)


def views(recording: Path) -> dict[str, list[str]]:
    """Every view with its columns, as SQLite has them."""
    with closing(sqlite3.connect(f"file:{recording}?mode=ro", uri=True)) as db:
        names = [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        return {name: [column[1] for column in db.execute(f"PRAGMA table_info({name})")] for name in names}


def rows(recording: Path, view: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{recording}?mode=ro", uri=True)) as db:
        return db.execute(f"SELECT * FROM {view}").fetchall()


class Text(unittest.TestCase):
    def each(self):
        for name, make in (("example", lambda: example(True)), ("real", recorded)):
            with self.subTest(name):
                recording = make()
                for view, columns in views(recording).items():
                    with self.subTest(view):
                        yield recording, view, columns

    def test_csv_has_every_row(self) -> None:
        for recording, view, columns in self.each():
            text = export(recording, "--format", "csv", "--view", view).decode()
            header, *lines = csv.reader(io.StringIO(text, newline=""))
            self.assertEqual(header, columns)
            expected = [["" if cell is None else str(cell) for cell in row] for row in rows(recording, view)]
            self.assertEqual(sorted(lines), sorted(expected))

    def test_ndjson_has_every_row(self) -> None:
        for recording, view, columns in self.each():
            lines = export(recording, "--format", "ndjson", "--view", view).decode().splitlines()
            objects = [json.loads(line) for line in lines]
            self.assertTrue(all(list(row) == columns for row in objects))
            expected = rows(recording, view)
            self.assertEqual(len(objects), len(expected))
            plain = sorted(str([int(v) if isinstance(v, bool) else json.dumps(v, separators=(",", ":")) if isinstance(
                v, list) else v for v in row.values()]) for row in objects)
            self.assertEqual(plain, sorted(str(list(row)) for row in expected))

    def test_filters_compose(self) -> None:
        text = export(example(), "--format", "csv", "--view", "waits", "--process", "server*", "--kind", "futex",
                      "--kind", "epoll", "--resource", "tcp*", "--waker", "cl*", "--from", "+2s", "--to", "+5s").decode()
        _, *lines = csv.reader(io.StringIO(text, newline=""))
        self.assertEqual([(line[1], line[3], line[8]) for line in lines],
                         [(str(tick), "101", "epoll") for tick in (2, 3, 4)])

    def test_several_views_make_a_directory(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "rows"
            export(example(), "--format", "ndjson", "--view", "all", "--output", output)
            self.assertEqual({file.stem for file in output.iterdir()}, set(views(example())))
            again = stallscope("export", example(), "--format", "csv", "--view", "all", "-o", output)
            self.assertEqual(again.returncode, 1)
            self.assertIn(b"exists already", again.stderr)
            self.assertEqual([entry.name for entry in Path(folder).iterdir()], ["rows"])


class Parquet(unittest.TestCase):
    def setUp(self) -> None:
        tool("duckdb")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.lake = self.folder / "lake"

    def duckdb(self, sql: str) -> list[list[str]]:
        run = subprocess.run([tool("duckdb"), "-init", "/dev/null", "-csv", "-noheader", ":memory:", sql],
                             capture_output=True, text=True, check=True, cwd=self.folder)
        return list(csv.reader(io.StringIO(run.stdout)))

    def test_every_view_comes_back(self) -> None:
        dataset = module("pyarrow.dataset")
        for name, recording in (("example", lambda: example(True)), ("real", recorded)):
            with self.subTest(name):
                recording = recording()
                lake = self.folder / name
                export(recording, "--format", "parquet", "--output", lake)
                for view, columns in views(recording).items():
                    expected = rows(recording, view)
                    self.assertEqual((lake / view).exists(), bool(expected), view)
                    if not expected:
                        continue
                    table = dataset.dataset(lake / view, format="parquet", partitioning="hive").to_table()
                    self.assertEqual(table.num_rows, len(expected), view)
                    self.assertEqual(set(table.column_names), {*columns, "host", "date", "hour"})
                    for index, column in enumerate(columns):
                        values = [row[index] for row in expected]
                        found = table.column(column).to_pylist()
                        if any(isinstance(cell, list) for cell in found):
                            found = [None if cell is None else json.dumps(cell, separators=(",", ":")) for cell in found]
                        self.assertEqual(sorted(map(str, (int(v) if isinstance(v, bool) else v for v in found))),
                                         sorted(map(str, values)), f"{view}.{column}")

    def test_types_and_partitions(self) -> None:
        parquet = module("pyarrow.parquet")
        export(example(), "--format", "parquet", "--view", "waits", "--view", "thread_seconds", "-o", self.lake)
        files = sorted(str(file.relative_to(self.lake)) for file in self.lake.rglob("*.parquet"))
        host = "host=box%20%221%22"
        start = 1_700_002_797_000_000_000
        self.assertEqual(files, [f"{view}/{host}/date=2023-11-14/hour={hour}/{view}-{start}-0.parquet"
                                 for view in ("thread_seconds", "waits") for hour in ("22", "23")])
        schema = parquet.read_schema(self.lake / files[2])
        self.assertEqual({name: str(schema.field(name).type) for name in
                          ("time_ns", "comm", "timed_out", "histogram", "total_ns")},
                         {"time_ns": "int64", "comm": "string", "timed_out": "bool", "histogram": "list<element: int64>",
                          "total_ns": "int64"})
        sums = self.duckdb("SELECT kind, sum(total_ns)::BIGINT FROM read_parquet('lake/waits/**/*.parquet', "
                           "hive_partitioning = true) WHERE hour = 23 GROUP BY kind ORDER BY kind")
        # The first two ticks end before the hour does.
        self.assertEqual(dict(sums)["sleep"], str(4 * 250_000_000))

    def test_more_recordings_may_follow_but_none_twice(self) -> None:
        export(example(), "--format", "parquet", "--view", "waits", "-o", self.lake)
        before = {file: file.stat().st_mtime_ns for file in self.lake.rglob("*.parquet")}
        again = stallscope("export", example(), "--format", "parquet", "--view", "waits", "-o", self.lake)
        self.assertEqual(again.returncode, 1)
        self.assertIn(b"exists already", again.stderr)
        self.assertEqual({file: file.stat().st_mtime_ns for file in self.lake.rglob("*.parquet")}, before)
        export(recorded(), "--format", "parquet", "--view", "waits", "-o", self.lake)
        total = self.duckdb("SELECT sum(total_ns)::BIGINT FROM read_parquet('lake/waits/**/*.parquet')")
        sql = "SELECT sum(total_ns) AS ns FROM waits"
        self.assertEqual(int(total[0][0]), value(example(), sql) + value(recorded(), sql))

    def test_nothing_is_left_of_what_failed(self) -> None:
        broken = self.folder / "bin"
        broken.mkdir()
        (broken / "duckdb").write_text("#!/bin/sh\necho no room >&2\nexit 1\n")
        os.chmod(broken / "duckdb", 0o755)
        run = stallscope("export", example(), "--format", "parquet", "-o", self.lake,
                         path=f"{broken}:{os.environ['PATH']}")
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"no room", run.stderr)
        self.assertEqual([entry.name for entry in self.folder.iterdir()], ["bin"])
        missing = stallscope("export", example(), "--format", "parquet", "-o", self.lake, path="/nowhere")
        self.assertEqual(missing.returncode, 1)
        self.assertIn(b"pip install duckdb-cli", missing.stderr)


if __name__ == "__main__":
    unittest.main()
