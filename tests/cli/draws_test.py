#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs with draws as a user has them: results, questions, mistakes, interruptions, memory. LODE_BINARY names the command."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

BINARY = os.environ["LODE_BINARY"]
DEPENDENCE = "import_dependence[2020]"
PARAMETERS = {"consumption": ("over: [time, product], unit: kt/yr, table: data/consumption.csv, interpolate: linear", "normal: {cv: 10 %}"),
              "lifetime": ("over: [product], unit: yr, table: data/lifetime.csv", "lognormal: {ratio: 1.3}"),
              "recycling_rate": ("unit: 1, value: 40 %, source: example", "beta: {cv: 15 %}")}


def uncertain_case(folder, name="case", uncertain=True):
    """The template `chain` with three uncertain parameters, or none."""
    subprocess.run([BINARY, "new", name, "--template", "chain"], cwd=folder, capture_output=True, check=True)
    file = folder / name / "model.yaml"
    text = file.read_text(encoding="utf-8")
    for parameter, (value, distribution) in PARAMETERS.items():
        line = f"  {parameter}: {{{value}{', ' + distribution if uncertain else ''}}}"
        text, count = re.subn(rf"(?m)^  {parameter}: \{{.*$", line, text)
        assert count == 1, parameter
    file.write_text(text, encoding="utf-8")
    return folder / name


def what_is_said(text):
    """Of `--json`, all but how long it took and where the files are."""
    draws = json.loads(text)["draws"]
    del draws["seconds"]
    return draws


def tables(folder):
    """What is in the files of results, all digits of it; the NetCDF file has the hour too."""
    files = {path.name: path.read_bytes() for path in (folder / "csv").glob("*.csv")}
    assert any(b"deviation" in text for text in files.values())
    return files


class Draws(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lode-draws-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.case = uncertain_case(self.folder)

    def lode(self, *arguments, status=0):
        result = subprocess.run([BINARY, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=250)
        self.assertEqual(result.returncode, status, f"lode {arguments}\n{result.stdout}\n{result.stderr}")
        return result

    def run_draws(self, *arguments, **options):
        return self.lode("run", self.case, *arguments, **options)

    def test_events_of_single_draws(self):
        """A stock that is repaired in some draws, a flow below zero in some: told in words, to machines and in the file, with any threads."""
        model = """lode: 1
title: Events
time: {first: 2000, last: 2004}
defaults: {over: [time], flow: t/yr, stock: t}
when: {falls: time = 2003, grows: time <> 2003}
parameters:
  bad: {value: 0, discrete: {values: [0, 1], weights: [7, 1]}}
  life: {value: 10 yr}
  low: {value: 25 t}
  drop: {value: 16 t}
  high: {value: 9 t}
  step: {value: 5 t/yr}
  mined: {value: 1 t/yr}
scenarios:
  worse: {default: base, base: {}, more: {drop: {value: 17 t}}}
processes: {mine: {outside: true}, heap: {outside: true}}
flows:
  ore: {from: mine, to: heap}
equations:
  level: {falls: low - drop * bad, grows: high + step * (time - 2000)}
  ore: mined * (1 - 2 * bad)
stocks:
  in_use: {stock: level, lifetime: {weibull: {mean: life, shape: 2}}, negative_inflow: oldest-first}
"""
        case = self.folder / "events"
        case.mkdir()
        (case / "model.yaml").write_text(model, encoding="utf-8")
        repaired = r"in ([\d,]+) of 32,768 draws in_use falls faster at \[2003\] than it ages, and more leaves \(first in draw \d+\)"
        negative = r"in ([\d,]+) of 32,768 draws ore\[200[0-4]\] < 0 \(most of 5 cells\)"
        said = [json.loads(self.lode("run", case, "-n", 32_768, "--threads", threads, "--json", "-o", "out").stdout)["draws"]["in_draws"] for threads in (1, 2)]
        self.assertEqual(said[0], said[1])
        self.assertEqual(len(said[0]), 2, said[0])
        counts = [int(re.fullmatch(pattern, line).group(1).replace(",", "")) for pattern, line in zip((repaired, negative), said[0])]
        self.assertEqual(counts, [4096, 4096], "an eighth of a net's points")
        text = self.lode("run", case, "-n", 32_768, "-o", "out").stdout
        self.assertRegex(text, "in draws +" + repaired)
        self.assertRegex(text, negative)
        self.assertIn("; ".join(said[0]).encode(), (self.folder / "out" / "events.nc").read_bytes(), "an attribute of the file")
        several = self.lode("run", case, "--scenarios", "all", "-n", 32_768, "-o", "all").stdout
        self.assertEqual(len(re.findall(repaired, several)), 2, several)
        self.assertEqual(len(re.findall(repaired.encode(), (self.folder / "all" / "events-scenarios.nc").read_bytes())), 2)
        self.assertRegex(self.lode("sensitivity", case, "in_use.outflow[2004]", "-n", 256).stdout, r"in \d+ of 256 draws in_use falls faster")

    def test_results_and_questions(self):
        out = self.run_draws("-n", 5000, "--quantiles", "10,50,90", "--focus", DEPENDENCE, "--probability", f"{DEPENDENCE} > 0.75", "--json", "-o", "out")
        draws = json.loads(out.stdout)["draws"]
        self.assertEqual((draws["draws"], draws["design"], draws["seed"], draws["complete"]), (8192, "sobol", 1, True))
        self.assertEqual(draws["uncertain_numbers"], 13)
        self.assertEqual(draws["in_draws"], [])
        dependence, above = draws["questions"]
        self.assertEqual(dependence["what"], DEPENDENCE)
        self.assertEqual([q["probability"] for q in dependence["quantiles"]], [0.1, 0.5, 0.9])
        values = [dependence["minimum"], *(q["value"] for q in dependence["quantiles"]), dependence["maximum"]]
        self.assertEqual(values, sorted(set(values)))
        self.assertGreater(dependence["deviation"], 100 * dependence["mean_error"])
        self.assertGreater(dependence["deviation_error"], 0)
        self.assertGreater(above["probability"], 0.5)
        self.assertLess(above["probability"], 0.95)
        self.assertTrue((self.folder / "out" / "case.nc").read_bytes().startswith(b"\x89HDF"))
        text = self.run_draws("-n", 5000, "--focus", DEPENDENCE, "-o", "out").stdout
        self.assertIn("draws       8,192 (scrambled Sobol points", text)
        self.assertIn(f"{DEPENDENCE}: ", text)

    def test_some_results(self):
        arguments = ["-n", 20000, "--focus", DEPENDENCE, "--probability", f"{DEPENDENCE} > 0.75", "--json", "--csv"]
        said = what_is_said(self.run_draws(*arguments, "-o", "all").stdout)
        told = what_is_said(self.run_draws(*arguments, "--results", "to_use, in_use.stock", "--results", "ore", "-o", "some").stdout)
        self.assertEqual(told["questions"], said["questions"])
        self.assertEqual(told["varying_results"], said["varying_results"])
        self.assertEqual(told["statistics_of"], ["to_use", "in_use.stock", "ore"])
        self.assertLess(told["kept_results"], said["varying_results"] / 2)
        every, some = tables(self.folder / "all"), tables(self.folder / "some")
        self.assertEqual(every.keys(), some.keys())
        named = {"to_use.csv", "in_use.stock.csv"}  # nothing that is uncertain reaches the ore
        self.assertTrue(named < every.keys())
        for name in every:
            if name in named:
                self.assertIn(b"deviation", some[name])
                self.assertEqual(every[name], some[name], name)
            else:
                self.assertNotIn(b"deviation", some[name], name)
        text = self.run_draws("-n", 1024, "--results", "to_use,ore", "-o", "some").stdout
        self.assertRegex(text, r"462 results vary\n +statistics kept of 63 of them\n +ore does not vary\n")

    def test_some_results_of_scenarios(self):
        with open(self.case / "model.yaml", "a", encoding="utf-8") as model:
            model.write("\nscenarios: {effort: {default: today, today: {}, high: {recycling_rate: {times: 1.5}}}}\n")
        for more in [["--scenarios", "effort=all"], ["--against", "effort=high"]]:
            for name, choice in [("all", []), ("some", ["--results", "recycled"])]:
                self.run_draws("-n", 1024, *more, *choice, "-o", name)
            self.assertEqual(*(sorted(path.name for path in (self.folder / name).glob("*.nc")) for name in ["all", "some"]))
        self.assertIn("statistics kept of 42 of them", self.run_draws("-n", 1024, "--scenarios", "effort=all", "--results", "recycled", "-o", "some").stdout)

    def test_seeds_and_designs(self):
        said = set()
        for design, asked, made in [("sobol", 1000, 1024), ("latin", 1001, 1008), ("random", 1001, 1008)]:
            for seed in [1, 2]:
                draws = what_is_said(self.run_draws("-n", asked, "--design", design, "--seed", seed, "--focus", DEPENDENCE, "--json", "-o", "out").stdout)
                self.assertEqual((draws["draws"], draws["design"], draws["seed"]), (made, design, seed))
                self.assertAlmostEqual(draws["questions"][0]["mean"], 0.764, delta=0.005)
                said.add(draws["questions"][0]["mean"])
        self.assertEqual(len(said), 6)

    def test_until(self):
        for bound in ["1 %", "0.001 %"]:
            out = self.run_draws("--design", "random", "--until", f"{DEPENDENCE}: {bound}", "-n", 65536, "--json", "-o", "out")
            draws = json.loads(out.stdout)["draws"]
            question = draws["questions"][0]
            reached = question["mean_error"] <= float(bound.split()[0]) / 100 * question["mean"]
            self.assertEqual((draws["draws"], reached), (8192, True) if bound == "1 %" else (65536, False))
            self.assertEqual(question["until"]["reached"], reached)
            self.assertAlmostEqual(question["until"]["known_to"], question["mean_error"] / question["mean"])
        unmet = ["--design", "random", "--until", f"{DEPENDENCE}: 0.001 %", "-n", 20000, "-o", "out"]
        self.assertRegex(self.run_draws(*unmet).stdout, r"not known to 0\.001 %, as `--until` asks: 20,000 draws make it 0\.\d+ %")
        self.assertIn("not known to 0.001 %", self.run_draws(*unmet[:-4], "-n", 64, "-o", "out").stdout)  # no larger than the pilot
        self.assertNotIn("not known", self.run_draws("--until", f"{DEPENDENCE}: 1 %", "-o", "out").stdout)

    def test_conditions(self):
        def told(condition):
            return re.findall(r"P\(.*", self.run_draws("-n", 64, "--probability", condition, "-o", "out").stdout)

        first, second = f"{DEPENDENCE} > 0.7", f"{DEPENDENCE} < 0.8"
        self.assertRegex(told(first)[0], r" = [\d.]+ % ± [\d.]+ points$")
        for condition in [f"({first}) and ({second})", f"{first} and not ({DEPENDENCE} > 0.8)", f"{DEPENDENCE} > 70 %"]:
            self.assertEqual(len(told(condition)), 1, condition)
        self.assertEqual(len(told("sum(to_use[2020] over product) > 1 kt/yr")), 1)
        self.assertRegex(told("import_dependence > 0.7")[3], r"^P\(import_dependence > 0\.7\)\[\d{4}\] = ")
        for condition, message in [(DEPENDENCE, "this is a number, and no condition"),
                                   ("sum(to_use[2020] over product) > 1 kt/yr and import_dependence[2020] > 0.7", "stands alone"),
                                   ("(sum(to_use[2020] over product) > 1 kt/yr)", "stands alone")]:
            self.assertIn(message, self.run_draws("-n", 64, "--probability", condition, "-o", "refused", status=1).stderr, condition)
        self.assertFalse((self.folder / "refused").exists())

    def test_mistakes(self):
        def refused(*arguments):
            out = self.run_draws(*arguments, "-o", "refused", status=1)
            self.assertFalse((self.folder / "refused").exists())
            return out.stderr

        self.assertIn("nonsense", refused("-n", 4096, "--focus", "nonsense"))
        self.assertIn("import_dependence", refused("-n", 4096, "--focus", "import_dependance[2020]"))
        self.assertIn("hypercube cannot grow", refused("--design", "latin", "--until", f"{DEPENDENCE}: 1 %"))
        for bound in [DEPENDENCE, f"{DEPENDENCE}: soon", f"{DEPENDENCE}: -1 %", f"{DEPENDENCE}: 0", f"{DEPENDENCE}: 3 t"]:
            self.assertIn("bound", refused("--until", bound), bound)
        self.assertIn("choose one cell", refused("--until", "import_dependence: 1 %"))
        self.assertIn("at most 64", refused("-n", 4096, "--focus", "to_use", "--focus", "end_of_life"))
        self.assertIn("--focus", refused("-n", 4096, "--keep"))
        for names, message in [("in_use.stok", "it has `in_use.stock`"), ("to_usr", "did you mean `to_use`?"), ("consumption", "is a parameter, no result"), ("to_use,to_use", "named twice"), (DEPENDENCE, "`--focus 'import_dependence[2020]'` tells of this part"), ("slag", "nothing that `--results` names depends on")]:
            self.assertIn(message, refused("-n", 4096, "--results", names))
        self.assertIn("`--results` goes with `--draws`", self.run_draws("--results", "to_use", "-o", "refused", status=2).stderr)
        self.assertFalse((self.folder / "refused").exists())
        self.assertIn("could not be written", refused("-n", 65536, "--state", "nowhere/run.state"))
        self.run_draws("-n", 3, status=2)
        self.run_draws("-n", 4096, "--design", "halton", status=2)
        self.run_draws("-n", 4096, "--quantiles", "101", status=2)
        uncertain_case(self.folder, "certain", uncertain=False)
        self.assertIn("no parameter of this case is uncertain", self.lode("run", "certain", "-n", 4096, status=1).stderr)

    def test_options_without_draws(self):
        for option in [["--seed", 2], ["--design", "random"], ["--profile"], ["--scenarios", "all", "--seed", 2]]:
            self.assertIn(f"`{option[-2] if len(option) > 1 else option[0]}` goes with `--draws`", self.run_draws(*option, "-o", "refused", status=2).stderr)
        self.assertFalse((self.folder / "refused").exists())
        self.run_draws("--seed", 2, "--focus", DEPENDENCE, "-o", "out")
        for command in ["classify", "diagnose", "report", "diff"]:
            self.assertIn("--draws", self.lode(command, self.case, "--seed", 2, status=2).stderr)

    def test_numbers_of_the_command_line(self):
        for option, text, said in [("--seed", "-1", "`-1` is no whole number from 0 on"), ("--seed", "1.5", "`1.5` is no whole number"), ("--draws", "1e99", "from 8 to 4294967296"),
                                   ("--draws", "-64", "`-64` is no whole number"), ("--draws", "1e2e", "no whole number"), ("--threads", "-2", "no whole number")]:
            self.assertIn(said, self.run_draws("-n", 64, option, text, status=2).stderr if option != "--draws" else self.run_draws(f"{option}={text}", status=2).stderr)
        draws = what_is_said(self.run_draws("--draws", "1e3", "--seed", (1 << 64) - 1, "--json", "-o", "out").stdout)
        self.assertEqual((draws["draws"], draws["seed"]), (1024, (1 << 64) - 1))

    def test_quantiles_in_per_cent(self):
        self.assertIn("`--quantiles` are in per cent: 0.95 is that of 0.95 %, not of 95 %", self.run_draws("-n", 64, "--quantiles", "0.05,0.95", "-o", "out").stderr)
        self.assertNotIn("per cent", self.run_draws("-n", 64, "--quantiles", "0.5,50", "-o", "out").stderr)

    def test_against(self):
        with open(self.case / "model.yaml", "a", encoding="utf-8") as model:
            model.write("\nscenarios: {effort: {default: today, today: {}, high: {recycling_rate: {times: 1.5}}}}\n")
        asked = ["-n", 1024, "--focus", DEPENDENCE, "--focus", "ore[2020]", "--against"]
        told = self.run_draws(*asked, "effort=high", "-o", "out").stdout
        said = json.loads(self.run_draws(*asked, "effort=high", "--json", "-o", "out").stdout)["draws"]["questions"]
        self.assertEqual([each["what"] for each in said], [DEPENDENCE])
        difference = said[0]["difference"]
        self.assertEqual(difference["to"], {"effort": "high"})
        self.assertIn(f"difference to effort=high: {difference['mean'] * 100:.4g} points", told)
        self.assertGreater(difference["mean"], 0.02)
        self.assertEqual(difference["below_zero"], 0)
        self.assertEqual(len(difference["quantiles"]), 5)
        for same in [["effort=today"], ["effort=high", "--scenario", "effort=high"]]:
            self.assertIn("`--against` names the scenario that is drawn", self.run_draws(*asked, *same, "-o", "refused", status=1).stderr)

    def test_diff_of_uncertainty(self):
        text = (self.case / "model.yaml").read_text(encoding="utf-8")
        other = self.folder / "other"
        shutil.copytree(self.case, other)
        (other / "model.yaml").write_text(text.replace("normal: {cv: 10 %}", "normal: {cv: 20 %}"), encoding="utf-8")
        said = json.loads(self.lode("diff", self.case, other, "-n", 1024, "--json").stdout)
        self.assertEqual(said["uncertain"], [{"name": "consumption", "numbers": 9}])
        self.assertRegex(self.lode("diff", self.case, other).stdout, r"\nuncertainty\n  consumption: 9 numbers with the same value, drawn from other distributions\n")
        self.assertGreater(len(said["results"]), 3)
        for each in said["results"]:
            self.assertEqual(each["difference"], 0)
            self.assertGreater(each["drawn"]["deviation"], 0)
        self.assertIn("import_dependence", self.lode("diff", self.case, other, "-n", 1024, "--most", 100).stdout)
        self.assertIn("no difference", self.lode("diff", self.case, self.case / "model.yaml", "-n", 1024).stdout)

    def test_a_state_of_another_run(self):
        arguments = ["-n", 1 << 20, "--threads", 1, "--state", "run.state"]
        self.killed(*arguments)
        for change in [["--seed", 2], ["--design", "random"], ["--quantiles", "5,95"]]:
            self.assertIn("another model", self.run_draws(*arguments, *change, status=1).stderr)
        self.assertIn("another model", self.run_draws(*arguments, "--results", "to_use", status=1).stderr)
        self.assertIn("number of draws", self.run_draws("-n", 1 << 19, *arguments[2:], status=1).stderr)
        model = self.case / "model.yaml"
        model.write_text(model.read_text(encoding="utf-8").replace("cv: 15 %", "cv: 16 %"), encoding="utf-8")
        self.assertIn("another model", self.run_draws(*arguments, status=1).stderr)
        state = self.folder / "run.state"
        state.write_bytes(state.read_bytes()[:-10])
        self.assertIn("run.state", self.run_draws(*arguments, status=1).stderr)

    def killed(self, *arguments):
        """A run that dies as soon as there is a state of it."""
        process = subprocess.Popen([BINARY, "run", str(self.case), *map(str, arguments), "-o", "never"], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        state = self.folder / "run.state"
        began = time.monotonic()
        while not state.exists():
            self.assertIsNone(process.poll(), "it ended before it left a state")
            self.assertLess(time.monotonic() - began, 120)
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.assertFalse((self.folder / "never").exists())

    def test_killed_and_taken_up_again(self):
        arguments = ["-n", 1 << 17, "--focus", DEPENDENCE, "--json", "--csv"]
        whole = self.run_draws(*arguments, "--threads", 2, "-o", "whole")
        self.killed(*arguments, "--threads", 1, "--state", "run.state")
        again = self.run_draws(*arguments, "--state", "run.state", "-o", "again")
        self.assertEqual(what_is_said(whole.stdout), what_is_said(again.stdout))
        self.assertEqual(tables(self.folder / "whole"), tables(self.folder / "again"))
        self.assertFalse((self.folder / "run.state").exists())

    def test_kept_draws_taken_up_again(self):
        arguments = ["-n", 1 << 17, "--focus", DEPENDENCE, "--json", "--csv"]
        whole = self.run_draws(*arguments, "--keep", "--threads", 2, "-o", "whole")
        self.killed(*arguments, "--keep", "--threads", 1, "--state", "run.state")
        records = self.folder / "run.state.draws"
        good = records.read_bytes()
        self.assertIn("another model", self.run_draws(*arguments, "--state", "run.state", status=1).stdout)
        records.write_bytes(b"")
        self.assertIn("run.state.draws", self.run_draws(*arguments, "--keep", "--state", "run.state", status=1).stdout)
        records.write_bytes(good + good[:100])  # it was writing the next ones
        again = self.run_draws(*arguments, "--keep", "--threads", 2, "--state", "run.state", "-o", "again")
        self.assertEqual(what_is_said(whole.stdout), what_is_said(again.stdout))
        self.assertIn("draws.csv", "".join(map(str, tables(self.folder / "whole"))))
        self.assertEqual(tables(self.folder / "whole"), tables(self.folder / "again"))
        self.assertEqual(list(self.folder.glob("run.state*")), [])

    def test_some_results_taken_up_again(self):
        arguments = ["-n", 1 << 20, "--focus", DEPENDENCE, "--json", "--csv"]
        whole = self.run_draws(*arguments, "--results", "to_use, recycled", "--threads", 2, "-o", "whole")
        self.killed(*arguments, "--results", "to_use, recycled", "--threads", 1, "--state", "run.state")
        for other in [[], ["--results", "to_use"], ["--results", "to_use, discarded"]]:
            self.assertIn("another model", self.run_draws(*arguments, *other, "--state", "run.state", status=1).stdout)
        again = self.run_draws(*arguments, "--results", "recycled", "--results", "to_use", "--state", "run.state", "-o", "again")  # in whatever order
        said = what_is_said(again.stdout)
        self.assertEqual(said.pop("statistics_of"), ["recycled", "to_use"])
        self.assertEqual({name: what for name, what in what_is_said(whole.stdout).items() if name != "statistics_of"}, said)
        self.assertEqual(tables(self.folder / "whole"), tables(self.folder / "again"))

    def test_memory_does_not_grow_with_draws(self):
        def peak(draws):
            process = subprocess.Popen([BINARY, "run", str(self.case), "-n", str(draws), "--threads", "2", "-o", "out"], cwd=self.folder, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            return usage.ru_maxrss

        self.assertLess(peak(262144), 1.1 * peak(8192))


UNVARYING = """lode: 1
title: Unvarying
time: 2020
dimensions: {product: [first, second]}
parameters:
  x: {value: 1 t/yr, normal: 10 %}
  y: {value: 1 t/yr, normal: 20 %}
  rate: {value: 1 t/yr}
  d: {value: 2, discrete: {values: [0, 1]}}
  by_product: {over: [product], unit: 1, table: by_product.csv}
processes: {from: {outside: true}, to: {outside: true}}
defaults: {flow: t/yr}
flows:
  both: {from: from, to: to}
  off: {from: from, to: to}
  given: {from: from, to: to}
  never: {from: from, to: to}
  made: {from: from, to: to, over: [product]}
equations:
  both: x + y
  off: 0 * x
  given: 3 * by_product[first] * rate
  never: x / max(d - 1, 0)
  made: by_product * x
"""


class Unvarying(unittest.TestCase):
    """Results that no draw changes, or that no draw gives a value."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lode-draws-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "case").mkdir()
        (self.folder / "case" / "model.yaml").write_text(UNVARYING, encoding="utf-8")
        (self.folder / "case" / "by_product.csv").write_text("product,value\nfirst,1\nsecond,0\n", encoding="utf-8")

    def lode(self, *arguments, status=0):
        result = subprocess.run([BINARY, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, status, f"lode {arguments}\n{result.stdout}\n{result.stderr}")
        return result

    def test_sensitivity(self):
        asked = ["off", "both", "given", "made[second]"]
        for method in ["sobol", "draws", "screening"]:
            out = self.lode("sensitivity", "case", *asked, "never", "--method", method, "-n", 256).stdout
            for name in ["off", "given", "made[second]"]:
                self.assertIn(f"\n{name} does not vary\n", out)
            self.assertIn("\nnever has no value in any draw\n", out)
            self.assertRegex(out, r"^both: (2|1\.99|2\.00)\d* t/yr")
            self.assertNotIn("nan", out)
            found = json.loads(self.lode("sensitivity", "case", *asked, "--method", method, "-n", 256, "--json").stdout)
            self.assertEqual([each["what"] for each in found["results"]], ["both"])
            self.assertEqual(set(found["without_variance"]), {"off", "given", "made[second]"})
            self.assertNotIn("null", json.dumps(found))
            self.assertIn("`off` does not vary in the draws", self.lode("sensitivity", "case", "off", "--method", method, "-n", 256, status=1).stderr)
        self.assertIn("`never` has no value in any draw", self.lode("sensitivity", "case", "never", status=1).stderr)
        self.assertIn("off", self.lode("figure", "case", "--kind", "tornado", "--show", "off", "-o", "off.svg", status=2).stderr)

    def test_shares_leave_no_interaction(self):
        out = self.lode("sensitivity", "case", "both", "-n", 256).stdout
        self.assertRegex(out, r"alone they explain \d+\.\d % ± \d+\.\d of the variance; no interaction shows\n")

    def test_group_with_a_name_of_its_own(self):
        self.assertIn("the group `x` is called as the parameter `x`", self.lode("sensitivity", "case", "both", "--group", "x: y, d", status=1).stderr)

    def test_draws(self):
        out = self.lode("run", "case", "-n", 64, "--focus", "off", "--focus", "never", "--correlations", "--quantiles", 50, "-o", "out").stdout
        self.assertIn("never has no value in any draw\n", out)
        self.assertIn("correlated  not to be told", out)
        self.assertIn("off: 0 t/yr ± 0 %, 50 % below 0 t/yr", out)
        self.assertNotIn("nan", out)


class Sensitivity(unittest.TestCase):
    def test_ranks_the_inputs(self):
        with tempfile.TemporaryDirectory(prefix="lode-draws-") as folder:
            case = uncertain_case(Path(folder))
            for method in ["sobol", "draws", "screening"]:
                out = subprocess.run([BINARY, "sensitivity", str(case), DEPENDENCE, "--method", method, "-n", "1024"], cwd=folder, capture_output=True, text=True, timeout=250)
                self.assertEqual(out.returncode, 0, out.stderr)
                lines = out.stdout.splitlines()
                ranked = [line for line in lines if "recycling_rate" in line or "lifetime" in line or "consumption" in line]
                self.assertGreaterEqual(len(ranked), 3, out.stdout)
                self.assertIn("consumption", ranked[0], out.stdout)
            command = [BINARY, "sensitivity", str(case), DEPENDENCE, "-n", "1024", "--json"]
            alone, together = [{each["input"]: each["first_order"]["value"] for each in json.loads(subprocess.run([*command, *group], cwd=folder, capture_output=True, text=True, timeout=250, check=True).stdout)["results"][0]["inputs"]} for group in ([], ["--group", "use: consumption, lifetime"])]
            self.assertEqual(set(alone), {"consumption", "lifetime", "recycling_rate"})
            self.assertEqual(set(together), {"use", "recycling_rate"})
            self.assertGreater(together["use"], max(alone["consumption"], alone["lifetime"]) - 0.02)
            self.assertAlmostEqual(together["use"] + together["recycling_rate"], 1, delta=0.1)
            for group, told in [("use: consumption, lifetimes", "no parameter is called `lifetimes`"), ("use", "no group"), ("a: lifetime, lifetime", "named twice")]:
                out = subprocess.run([*command, "--group", group], cwd=folder, capture_output=True, text=True, timeout=60)
                self.assertEqual(out.returncode, 1)
                self.assertIn(told, out.stdout + out.stderr)
            out = subprocess.run([BINARY, "sensitivity", str(case), "nonsense"], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(out.returncode, 1)
            self.assertIn("nonsense", out.stderr)


if __name__ == "__main__":
    unittest.main()
