#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several scenarios, differences, sweeps and searches as a user has them. LODE_BINARY names the command."""
import csv
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BINARY = os.environ["LODE_BINARY"]


class Scenarios(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.lode("new", "li", "--template", "pathway")

    def lode(self, *words, status=0):
        ran = subprocess.run([BINARY, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, status, ran.stdout + ran.stderr)
        return ran.stdout + ran.stderr

    def test_scenarios_in_one_file(self):
        said = json.loads(self.lode("run", "li", "--scenarios", "all", "--show", "mined[2060]", "--csv", "--xlsx", "--json"))
        self.assertEqual([each["label"] for each in said["scenarios"]], ["recycling=today", "recycling=high"])
        self.assertEqual(len(said["files"]), 3)
        for scenario in said["scenarios"]:
            alone = json.loads(self.lode("explain", "li", "mined[2060]", "-s", scenario["label"], "--json"))
            self.assertEqual(alone["value"], scenario["shown"][0]["value"])
        with open(self.folder / "results/li/li-scenarios-csv/mined.csv", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["scenario"] for row in rows}, {"recycling=today", "recycling=high"})
        self.assertEqual({row["scenario_recycling"] for row in rows}, {"today", "high"})
        with open(self.folder / "results/li/li-scenarios-csv/to_use.csv", encoding="utf-8-sig") as file:
            self.assertNotIn("scenario", csv.DictReader(file).fieldnames)

    def test_mistakes_about_scenarios(self):
        self.assertIn("did you mean `high`?", self.lode("run", "li", "--scenarios", "recycling=hihg", status=1))
        self.assertIn("goes with `--scenarios`", self.lode("run", "li", "--show", "mined[2060]", status=2))
        self.assertIn("goes with `--scenarios`", self.lode("run", "li", "--difference", "A - B", status=2))
        self.assertIn("written `A - B`", self.lode("run", "li", "--scenarios", "all", "--draws", "64", "--difference", "all", status=1))

    def test_draws_kept_and_correlated(self):
        words = ["run", "li", "--scenarios", "all", "--draws", "256", "--show", "mined[2060]", "--keep", "--correlations", "--csv", "--xlsx", "--json"]
        said = json.loads(self.lode(*words, "--threads", "1"))
        self.assertEqual(len(said["files"]), 6)

        def kept(folder):
            with open(self.folder / "results/li" / folder / "draws.csv", encoding="utf-8-sig") as file:
                return list(csv.DictReader(file))

        rows = kept("li-scenarios-csv")
        self.assertEqual(list(rows[0]), ["scenario", "scenario_recycling", "draw", "name", "value", "unit"])
        of = {each: [float(row["value"]) for row in rows if row["scenario_recycling"] == each] for each in ("today", "high")}
        self.assertEqual([len(each) for each in of.values()], [256, 256])
        less = [float(row["value"]) for row in kept("li-scenarios-differences-csv")]
        for high, today, difference in zip(of["high"], of["today"], less, strict=True):
            self.assertAlmostEqual(high - today, difference, delta=1e-9 * today)
        self.lode(*words, "--threads", "2")
        self.assertEqual(kept("li-scenarios-csv"), rows)
        for k, scenario in enumerate(("today", "high")):
            alone = json.loads(self.lode("run", "li", "-s", f"recycling={scenario}", "--draws", "256", "--focus", "mined[2060]", "--keep", "--correlations", "--csv", "--json"))
            self.assertEqual([float(row["value"]) for row in kept("csv")], of[scenario])
            self.assertEqual(alone["draws"]["correlations"], said["scenarios"][k]["correlations"])
        self.assertTrue(said["differences"][0]["correlations"][0]["with_inputs"])

    def test_draws_of_scenarios(self):
        words = ["run", "li", "--scenarios", "all", "--draws", "1024", "--show", "mined[2060]", "--json", "--csv"]
        one = json.loads(self.lode(*words, "--threads", "1"))
        self.assertEqual(one["draws"]["draws"], 1024)
        files = [Path(each) for each in one["files"]]
        self.assertEqual([each.name for each in files], ["li-scenarios.nc", "li-scenarios-csv", "li-scenarios-differences.nc", "li-scenarios-differences-csv"])
        with open(self.folder / files[3] / "mined.csv", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["difference"] for row in rows}, {"recycling=high - recycling=today"})
        last = next(row for row in rows if row["time"] == "2060")
        told = one["differences"][0]["numbers"][0]
        self.assertEqual(float(last["mean"]), told["mean"])
        self.assertEqual(float(last["below_zero"]), told["below_zero"])
        # What both have in common cancels: the difference is known better than with draws of their own.
        apart = sum(each["drawn"][0]["deviation"] ** 2 for each in one["scenarios"]) ** 0.5
        self.assertLess(told["deviation"], apart)
        two = json.loads(self.lode(*words, "--threads", "2"))
        self.assertEqual([one["scenarios"][k]["drawn"] for k in range(2)], [two["scenarios"][k]["drawn"] for k in range(2)])
        self.assertEqual(one["differences"], two["differences"])
        diff = json.loads(self.lode("diff", "li", "--to", "recycling=high", "--draws", "1024", "--json"))
        mined = next(each for each in diff["results"] if each["name"] == "mined")
        if mined["cell"] == "[2060]":
            self.assertEqual(mined["drawn"]["mean"], told["mean"])
        self.lode("run", "li", "-o", "files")
        self.assertIn("draws need cases", self.lode("diff", "files", "li", "--draws", "64", status=2))

    def test_difference_of_scenarios(self):
        said = json.loads(self.lode("diff", "li", "--to", "recycling=high", "--json"))
        self.assertEqual(len(said["inputs"]), 1)
        change = said["inputs"][0]
        self.assertEqual((change["name"], change["cell"]), ("recovery", "[2023..2060]"))
        self.assertTrue(change["from_where"].startswith("li/model.yaml:"))
        self.assertNotEqual(change["from_where"], change["to_where"])
        self.assertEqual(said["only_from"], [])
        sizes = [abs(each["relative"]) for each in said["results"] if each.get("relative") is not None]
        self.assertGreater(len(sizes), 2)
        self.assertIn("no difference", self.lode("diff", "li", "li"))

    def test_difference_of_versions_and_files(self):
        self.lode("run", "li", "-o", "before")
        shutil.copytree(self.folder / "li", self.folder / "new")
        table = self.folder / "new/data/life.csv"
        rows = table.read_text(encoding="utf-8").splitlines()
        application, life = rows[1].split(",")[:2]
        rows[1] = rows[1].replace(f"{application},{life}", f"{application},{float(life) + 5:g}")
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        model = self.folder / "new/model.yaml"
        text = model.read_text(encoding="utf-8").replace("ore_left: reserves - cumulate(mined)", "ore_used: cumulate(mined)")
        model.write_text(text, encoding="utf-8")
        said = json.loads(self.lode("diff", "li", "new", "--json"))
        self.assertEqual([(each["name"], each["cell"]) for each in said["inputs"]], [("life", f"[{application}]")])
        self.assertEqual(said["inputs"][0]["to_where"], "new/data/life.csv:2")
        self.assertIn({"what": "quantity", "name": "ore_left"}, said["only_from"])
        self.assertIn({"what": "quantity", "name": "ore_used"}, said["only_to"])
        self.lode("run", "new", "-o", "after")
        of_files = json.loads(self.lode("diff", "before", "after", "--json"))
        self.assertEqual([each["name"] for each in of_files["results"]], [each["name"] for each in said["results"]])
        lines = list(csv.DictReader(self.lode("diff", "before", "after", "--csv").splitlines()))
        self.assertEqual(lines[0]["name"], "life")
        self.assertIn("no case", self.lode("diff", "li/data", "new", status=2))
        self.assertIn("both sides are the same", self.lode("diff", "li", status=2))

    def test_sweep(self):
        text = self.lode("sweep", "li", "recovery[projection] = 0 %..100 % : 3", "--what", "mined[2060]", "-o", "s.csv")
        self.assertIn("50 %", text)
        with open(self.folder / "s.csv", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0], ["recovery[projection] [%]", "mined[2060] [kt/yr]"])
        self.assertEqual([row[0] for row in rows[1:]], ["0", "50", "100"])
        self.lode("sweep", "li", "recovery = 5 %, 9 %", "growth[projection] * 0.5..1.5 : 3", "--what", "mined", "-o", "s.nc")
        self.assertTrue((self.folder / "s.nc").exists())
        self.assertIn(".csv, .nc, .json, .svg, .png or .pdf", self.lode("sweep", "li", "recovery = 5 %, 9 %", "--what", "mined", "-o", "s.txt", status=2))
        self.lode("sweep", "li", "recovery = 5 %, 9 %", "--what", "mined[2060]", "-o", "s.svg", "--lang", "zh", "--width", "85")
        self.assertIn('xml:lang="zh"', (self.folder / "s.svg").read_text(encoding="utf-8"))
        self.assertIn("single numbers", self.lode("sweep", "li", "recovery = 5 %, 9 %", "--what", "mined", "-o", "s.svg", status=2))
        drawn = ("figure", "li", "--kind", "sweep", "--input", "recovery = 5 %, 9 %", "--show", "mined[2060]", "--lang", "zh", "--width", "85")
        self.lode(*drawn, "-o", "f.svg")
        self.assertEqual((self.folder / "s.svg").read_bytes(), (self.folder / "f.svg").read_bytes())
        self.assertIn("needs `inputs`", self.lode("figure", "li", "--kind", "sweep", "--show", "mined[2060]", status=2))
        self.assertIn("argument:1:12", self.lode("sweep", "li", "recovery = 9 %..5 %", "--what", "mined[2060]", status=1))

    def test_seek(self):
        said = json.loads(self.lode("seek", "li", "recovery[projection]", "--so-that", "recycled_share[2050] = 20 %", "--json"))
        value = said["answers"][0]["inputs"][0]["value"]
        swept = json.loads(self.lode("sweep", "li", f"recovery[projection] = {value} %, 0 %", "--what", "recycled_share[2050]", "--json"))
        self.assertAlmostEqual(swept["results"][0]["values"][0], 0.2, places=12)
        none = self.lode("seek", "li", "recovery[projection]", "--so-that", "recycled_share[2050] = 20 %", "--between", "0", "%", "1", "%", status=1)
        self.assertIn("no value of recovery[projection] from 0 % to 1 % does it", none)
        self.assertIn("this is no condition", self.lode("seek", "li", "recovery", "--so-that", "mined", status=1))


if __name__ == "__main__":
    unittest.main()
