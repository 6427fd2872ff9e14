#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A folder of several systems, of which one takes results of another. LODE_BINARY names the command."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BINARY = os.environ["LODE_BINARY"]

LENDER = """lode: 1
time: {first: 2000, last: 2002}
parameters: {made: {over: [time], value: 4 t/yr}}
equations: {demand: 2 * made}
"""
BORROWER = """lode: 1
time: {first: 2000, last: 2002}
cases: {tin: {folder: ../tin}}
parameters: {taken: {over: [time], unit: kg/yr, from: tin.demand}}
equations: {most: 3 * taken}
"""


class Systems(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for name, text in (("tin", LENDER), ("panel", BORROWER)):
            (self.folder / "metals" / name).mkdir(parents=True)
            (self.folder / "metals" / name / "model.yaml").write_text(text)

    def lode(self, *words, status=0):
        ran = subprocess.run([BINARY, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, status, ran.stdout + ran.stderr)
        return ran.stdout + ran.stderr

    def test_run_does_all_each_with_its_results(self):
        said = self.lode("run", "metals")
        self.assertIn("— metals/panel —", said)
        self.assertIn("2 systems: all done", said)
        self.assertTrue((self.folder / "results/metals/tin/tin.nc").exists())
        self.assertTrue((self.folder / "results/metals/panel/panel.nc").exists())
        self.lode("run", "metals", "-o", "out")
        self.assertTrue((self.folder / "out/panel/panel.nc").exists())

    def test_check_and_verify_do_all(self):
        self.assertIn("2 systems: all done", self.lode("check", "metals"))
        self.assertIn("— metals/tin —", self.lode("verify", "metals"))
        self.assertEqual(len(json.loads(self.lode("check", "metals", "--json"))), 2)
        self.assertIn("watch one of them", self.lode("check", "metals", "--watch", status=2))

    def test_one_mistake_is_the_status_of_all(self):
        (self.folder / "metals/tin/model.yaml").write_text(LENDER.replace("2 * made", "2 * maid"))
        said = self.lode("check", "metals", status=1)
        self.assertIn("2 systems: 2 with mistakes", said)
        self.assertIn("`tin` cannot lend: metals/tin has mistakes", said)
        self.assertIn("`lode check metals/tin` shows them all", said)

    def test_explain_crosses_the_border(self):
        said = self.lode("explain", "metals/panel", "most[2001]", "--depth", "5")
        self.assertIn("result of another case", said)
        self.assertIn("metals/tin/model.yaml:3", said)

    def test_stale_results_name_the_command_that_mends_them(self):
        model = self.folder / "metals/panel/model.yaml"
        model.write_text(BORROWER.replace("{folder: ../tin}", "{folder: ../tin, results: ../../out/tin.nc}"))
        said = self.lode("check", "metals/panel", status=1)
        self.assertIn("there are no results out/tin.nc", said)
        command = said[said.index("`lode run") + 1:].split("`")[0].split()[1:]
        self.lode(*command)
        self.lode("check", "metals/panel")
        (self.folder / "metals/tin/model.yaml").write_text(LENDER.replace("4 t", "5 t"))
        said = self.lode("check", "metals/panel", status=1)
        self.assertIn("metals/tin/model.yaml has changed since they were computed", said)
        self.lode(*command)
        self.assertIn("30", self.lode("explain", "metals/panel", "most[2001]"))

    def test_a_folder_without_cases_is_still_an_error(self):
        (self.folder / "empty").mkdir()
        self.assertIn("empty is not a case", self.lode("check", "empty", status=2))


if __name__ == "__main__":
    unittest.main()
