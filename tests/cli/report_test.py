#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`lode report` as a user has it: what is written, and what is said of mistakes. LODE_BINARY names the command."""
import base64
import json
import os
import re
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

BINARY = os.environ["LODE_BINARY"]


def lode(*words, cwd):
    return subprocess.run([BINARY, *words], cwd=cwd, capture_output=True, text=True)


class Report(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.at = Path(self.folder.name)
        made = lode("new", "case", "--template", "chain", cwd=self.at)
        self.assertEqual(made.returncode, 0, made.stderr)

    def tearDown(self):
        self.folder.cleanup()

    def document(self, page):
        text = page.read_text(encoding="utf-8")
        inside = re.search(r'<script type="text/plain" id="lode-report">([A-Za-z0-9+/=]*)</script>', text)
        self.assertIsNotNone(inside)
        return json.loads(zlib.decompress(base64.b64decode(inside.group(1))))

    def test_writes_a_page_and_figures(self):
        done = lode("report", "case", "-o", "out", "--json", cwd=self.at)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.strip(), "out/case.html")
        document = self.document(self.at / "out/case.html")
        self.assertEqual(document, json.loads((self.at / "out/case.json").read_text(encoding="utf-8")))
        self.assertEqual(document["format"], "lode-report/1")
        for figure in document["figures"]:
            for language in ("en", "zh"):
                beside = self.at / f"out/figures/{figure['id']}.{language}.svg"
                self.assertEqual(figure["svg"][language], beside.read_text(encoding="utf-8"))
        self.assertTrue(document["figures"])
        page = (self.at / "out/case.html").read_text(encoding="utf-8")
        self.assertIsNone(re.search(r'<(script|link|img)[^>]+(src|href)="https?:', page), "asks for nothing from outside")

    def test_opens_in_chinese(self):
        done = lode("report", "case", "-o", "out", "--lang", "zh", "--alone", cwd=self.at)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('<html lang="zh">', (self.at / "out/case.html").read_text(encoding="utf-8"))

    def test_a_mistake_in_the_wishes_is_told_and_nothing_written(self):
        (self.at / "case/report.yaml").write_text("answer:\n  - number: nothing_like_it[2020]\n", encoding="utf-8")
        done = lode("report", "case", "-o", "out", cwd=self.at)
        self.assertEqual(done.returncode, 1)
        self.assertIn("case/report.yaml:2", done.stderr)
        self.assertFalse((self.at / "out").exists())

    def test_an_unknown_scenario_is_told(self):
        done = lode("report", "case", "-o", "out", "--also", "weather=bad", cwd=self.at)
        self.assertEqual(done.returncode, 1)
        self.assertIn("weather", done.stderr)
        self.assertEqual(lode("report", "case", "--also", "weather", cwd=self.at).returncode, 2)

    def test_a_folder_that_cannot_be_made(self):
        (self.at / "out").write_text("a file", encoding="utf-8")
        done = lode("report", "case", "-o", "out", cwd=self.at)
        self.assertEqual(done.returncode, 2)
        self.assertIn("out", done.stderr)


if __name__ == "__main__":
    unittest.main()
