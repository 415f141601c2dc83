"""The Python of docs/notebooks.md runs, and its sums are the recording's."""

import contextlib
import io
import re
import tempfile
import unittest
from pathlib import Path

from recordings import ROOT, example, export, module, tool, value


class Notebooks(unittest.TestCase):
    def test_the_code_runs(self) -> None:
        tool("duckdb")
        module("pandas")
        module("pyarrow")
        blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "notebooks.md").read_text(), re.S | re.M)
        self.assertGreater(len(blocks), 4)
        with tempfile.TemporaryDirectory() as folder:
            lake = Path(folder) / "lake"
            export(example(), "--format", "parquet", "--output", lake)
            names = {"recording": str(example()), "lake": str(lake)}
            with contextlib.redirect_stdout(io.StringIO()):
                for block in blocks:
                    exec(compile(block, "notebooks.md", "exec"), names)
        total = value(example(), "SELECT sum(total_ns) AS ns FROM waits")
        self.assertEqual(names["waits"]["total_ns"].sum(), total)
        self.assertAlmostEqual(names["by_kind"].sum(), total / 1e9)
        self.assertTrue((names["shares"].sum(axis=1).sub(100).abs() < 1e-6).all())
        self.assertEqual(names["slots"].sum(), value(example(), "SELECT sum(count) AS n FROM waits"))


if __name__ == "__main__":
    unittest.main()
