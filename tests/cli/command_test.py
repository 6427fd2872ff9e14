#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command as a user has it: exit status, messages, files. The binary is named by LODE_BINARY."""
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

BINARY = os.environ["LODE_BINARY"]
COMMANDS = ["new", "check", "tables", "run", "verify", "explain", "plan", "graph", "figure", "schema"]


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lode-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def lode(self, *arguments, status=0, **options):
        result = subprocess.run([BINARY, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=60, **options)
        self.assertEqual(result.returncode, status, f"lode {arguments}\n{result.stdout}\n{result.stderr}")
        return result

    def chain(self, name="chain"):
        self.lode("new", name, "--template", "chain")
        return self.folder / name

    def change(self, case, old, new):
        text = (case / "model.yaml").read_text(encoding="utf-8")
        self.assertIn(old, text)
        (case / "model.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")

    def test_figure_writes_what_the_name_says(self):
        case = self.chain()
        drawn = self.lode("figure", case, "--year", "2010").stdout.strip()
        self.assertEqual(drawn, "chain-sankey-2010.svg")
        svg = (self.folder / drawn).read_text(encoding="utf-8")
        self.assertIn("<svg", svg)
        self.assertIn(", 2010 (kt/yr)", svg)
        self.lode("figure", case, "--year", "2010", "--lang", "zh", "-o", "zh.svg")
        self.assertIn("2010年", (self.folder / "zh.svg").read_text(encoding="utf-8"))
        self.lode("figure", case, "--years", "2001..2010", "-o", "sum.json")
        scene = json.loads((self.folder / "sum.json").read_text(encoding="utf-8"))
        self.assertEqual(scene["unit"], "Mt")
        self.lode("figure", case, "-o", "table.csv")
        self.assertIn("Flow,From,To", (self.folder / "table.csv").read_text(encoding="utf-8"))
        if shutil.which("rsvg-convert"):
            self.lode("figure", case, "-o", "figure.png", "--dpi", "72")
            self.assertTrue((self.folder / "figure.png").read_bytes().startswith(b"\x89PNG"))
            self.assertFalse((self.folder / "figure.png.svg").exists())

    def test_figure_draws_the_set_of_a_case(self):
        case = self.chain()
        listed = [line.split()[0] for line in self.lode("figure", case, "--list").stdout.splitlines()]
        self.assertIn("system", listed)
        written = self.lode("figure", case, "--all", "-o", "drawn", "--formats", "svg,csv,json").stdout.split()
        self.assertEqual(written, [f"drawn/{name}.{kind}" for name in listed for kind in ("svg", "csv", "json")])
        (case / "figures.yaml").write_text("figures:\n  mine: {kind: sankey, year: 2010}\n", encoding="utf-8")
        self.assertEqual(self.lode("figure", case, "mine").stdout.strip(), "chain-mine.svg")
        self.assertIn("it has mine", self.lode("figure", case, "flows", status=2).stderr)
        (case / "figures.yaml").write_text("figures:\n  mine: {kind: pie}\n", encoding="utf-8")
        self.assertIn("figures.yaml:2:16", self.lode("figure", case, "mine", status=1).stderr)
        self.assertIn("figures.yaml:2:16", self.lode("check", case, status=1).stdout)
        self.assertIn('"figures"', self.lode("schema", "--figures").stdout)

    def test_figure_says_what_cannot_be_drawn(self):
        case = self.chain()
        for arguments, words in [
            (["--year", "1900"], "1900 is no year of this model"),
            (["--years", "2010"], "--years takes FIRST..LAST"),
            (["--only", "product"], "--only takes DIMENSION=LABEL"),
            (["--only", "colour=red"], "no dimension is called `colour`"),
            (["--layer", "Cd"], "has a label `Cd`"),
            (["-o", "figure.bmp"], "not as `figure.bmp`"),
        ]:
            self.assertIn(words, self.lode("figure", case, *arguments, status=2).stderr)

    def test_figure_says_that_the_converter_is_missing(self):
        case = self.chain()
        result = self.lode("figure", case, "-o", "figure.png", status=2, env={"PATH": str(self.folder)})
        self.assertIn("rsvg-convert", result.stderr)
        self.assertIn("librsvg2-bin", result.stderr)

    def test_help_has_an_example_for_every_command(self):
        for command in COMMANDS:
            text = self.lode(command, "--help").stdout
            self.assertIn("Example:", text, command)
            self.assertIn(f"lode {command}", text, command)

    def test_misuse_is_2(self):
        self.lode(status=2)
        self.lode("compute", "x", status=2)
        self.lode("run", status=2)
        self.lode("run", "nowhere", status=2)
        self.lode("new", "x", "--template", "nothing", status=2)
        (self.folder / "empty").mkdir()
        self.assertIn("model.yaml", self.lode("check", "empty", status=2).stderr)
        case = self.chain()
        self.lode("run", case, "--scenario", "nonsense", status=2)
        self.assertIn("no scenario axis `b`", self.lode("check", case, "-s", "b = c , d=e", status=1).stdout)
        self.lode("new", case, status=2)

    def test_a_mistake_is_1_and_leaves_nothing(self):
        case = self.chain()
        self.change(case, "residual(", "residul(")
        out = self.lode("run", case, "-o", "out", status=1)
        self.assertIn("model.yaml:", out.stderr)
        self.assertIn("^", out.stderr)
        self.assertIn("residual", out.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_json_parses_whatever_happens(self):
        case = self.chain()
        for command in ["check", "verify", "plan", "graph"]:
            json.loads(self.lode(command, case, "--json").stdout)
        summary = json.loads(self.lode("run", case, "--json", "-o", "out").stdout)
        self.assertTrue(all(line["balances"] for line in summary["balances"]))
        verification = json.loads(self.lode("verify", case, "--json").stdout)
        self.assertEqual(sum(v for k, v in verification["summary"].items() if k != "total"), len(verification["checkpoints"]))
        for row in verification["checkpoints"]:
            self.assertLessEqual({"id", "status", "ours", "published", "unit", "relative_difference", "note"}, set(row))
        json.loads(self.lode("explain", case, "to_use[2020, wiring]" if "wiring" in (case / "data/products.csv").read_text() else "ore[2020]", "--json").stdout)
        self.change(case, "residual(", "residul(")
        for command in ["check", "run", "verify", "plan"]:
            messages = json.loads(self.lode(command, case, "--json", status=1).stdout)
            self.assertEqual(messages[0]["severity"], "error")
            self.assertGreater(messages[0]["line"], 1)
        json.loads(self.lode("check", "nowhere", "--json", status=2).stdout)

    def test_no_colour_when_piped(self):
        case = self.chain()
        self.change(case, "residual(", "residul(")
        out = self.lode("check", case, status=1)
        self.assertNotIn("\033", out.stdout + out.stderr)

    def test_the_same_bytes_again(self):
        case = self.chain()
        self.lode("run", case, "-o", "a", "--csv", "--xlsx")
        time.sleep(1.1)  # another time stamp
        self.lode("run", case, "-o", "b", "--csv", "--xlsx")
        for one in sorted((self.folder / "a").rglob("*.csv")):
            self.assertEqual(one.read_bytes(), (self.folder / "b" / one.relative_to(self.folder / "a")).read_bytes(), one.name)
        first, second = (self.folder / f / "chain.nc" for f in "ab")
        self.assertEqual(first.stat().st_size, second.stat().st_size)
        differing = sum(x != y for x, y in zip(first.read_bytes(), second.read_bytes()))
        self.assertGreater(differing, 0, "the time stamps are equal: the test proves nothing")
        self.assertLess(differing, 64, "more than the time stamp and its checksums differ")

    def test_unwritable_places(self):
        case = self.chain()
        (self.folder / "file").write_text("in the way")
        self.assertIn("file", self.lode("run", case, "-o", "file", status=2).stderr)
        self.assertEqual((self.folder / "file").read_text(), "in the way")
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "verify", str(case)], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 2)

    def test_hostile_model_files(self):
        for name, text, words in [
            ("empty", "", "empty"),
            ("tab", "lode: 1\ntime: 2020\nflows:\n\ta: {from: b, to: c}\n", "tab"),
            ("fullwidth", "lode: 1\ntime：2020\n", "："),
            ("cycle", "lode: 1\ntime: 2020\nstages: &a {x: *a}\n", ""),
            ("deep", "lode: " + "[" * 5000, ""),
            ("nul", "lode: 1\n\0", ""),
            ("twice", "lode: 1\ntime: 2020\ntime: 2021\n", "time"),
        ]:
            case = self.folder / name
            case.mkdir()
            (case / "model.yaml").write_text(text, encoding="utf-8")
            result = subprocess.run([BINARY, "check", str(case)], capture_output=True, text=True, timeout=20)
            self.assertIn(result.returncode, (1, 2), f"{name}: {result.returncode}\n{result.stdout}{result.stderr}")
            self.assertIn("error:", result.stdout + result.stderr, name)
            self.assertIn(words, result.stdout + result.stderr, name)

    def test_tables_are_written_once(self):
        case = self.chain()
        table = next((case / "data").glob("consumption*.csv"))
        kept = table.read_bytes().splitlines(keepends=True)
        gone = [line for line in kept if b"," in line][-2:]
        table.write_bytes(b"".join(line for line in kept if line not in gone))
        before = table.read_bytes()
        self.lode("tables", case)
        after = table.read_bytes()
        self.assertTrue(after.startswith(before))
        self.assertGreater(len(after), len(before))
        self.assertIn("every table", self.lode("tables", self.chain("whole")).stdout)

    def test_watch_speaks_again_after_a_save(self):
        case = self.chain()
        with subprocess.Popen([BINARY, "check", str(case), "--watch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as watching:
            try:
                os.set_blocking(watching.stdout.fileno(), False)
                text = ""

                def wait_for(words):
                    nonlocal text
                    end = time.time() + 20
                    while time.time() < end:
                        text += (watching.stdout.read() or b"").decode(errors="replace")
                        if words in text:
                            return True
                        time.sleep(0.05)
                    return False

                self.assertTrue(wait_for("no mistakes"), text)
                text = ""
                time.sleep(1.1)
                self.change(case, "residual(", "residul(")
                self.assertTrue(wait_for("error:"), text)
            finally:
                watching.kill()


if __name__ == "__main__":
    unittest.main()
