#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`lode import trade`: files of UN Comtrade and BACI become cases that check and run. All numbers are made up
(examples/trade/synthetic.py). The binary is named by LODE_BINARY."""
import csv
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BINARY = os.environ["LODE_BINARY"]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/trade"
spec = importlib.util.spec_from_file_location("synthetic", EXAMPLE / "synthetic.py")
synthetic = importlib.util.module_from_spec(spec)
spec.loader.exec_module(synthetic)


class Trade(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lode-trade-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def lode(self, *arguments, status=0):
        result = subprocess.run([BINARY, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, status, f"lode {arguments}\n{result.stdout}\n{result.stderr}")
        return result

    def table(self, path):
        with open(self.folder / path, encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def test_both_layouts_come_back_number_by_number(self):
        said = self.lode("import", "trade", EXAMPLE / "synthetic_comtrade_old.csv", EXAMPLE / "synthetic_TradeData.csv", "--content",
                         EXAMPLE / "content.csv", "--reconcile", "mean", "-o", "case").stdout
        self.assertIn("132 flows between 6 countries in 2 codes, 2009–2019", said)
        self.assertIn("largest mirror gaps", said)
        self.lode("check", "case")
        self.lode("run", "case", "--csv", "-o", "out")
        found = {(int(row["time"]), row["pair"], row["code"]): float(row["value"]) for row in self.table("out/csv/traded.csv")}
        content = {"280530": 0.2, "850511": 0.15}
        given = {}
        for year, flow, reporter, partner, code, kilograms, _, _ in synthetic.reports([*range(2009, 2015)]):
            ends = (reporter, partner) if flow == "X" else (partner, reporter)
            given.setdefault((year, ends, code), []).append(kilograms / 1000)
        for year, flow, reporter, partner, code, kilograms, _, _ in synthetic.reports([*range(2015, 2020)]):
            ends = (reporter, partner) if flow == "X" else (partner, reporter)
            given.setdefault((year, ends, code), []).append(kilograms / 1000)
        pairs = {row["label"]: (row["exporter"], row["importer"]) for row in self.table("case/data/pairs.csv")}
        label = {number: iso for number, (iso, _) in synthetic.COUNTRIES.items()} | {490: "S19"}
        expected = {}
        for (year, ends, code), values in given.items():
            expected[year, tuple(label[end] for end in ends), code] = content[code] * sum(values) / len(values)
        self.assertEqual(len(found), len(expected))
        for (year, pair, code), value in found.items():
            ends = tuple("S19" if end == "other_asia_nes" else end for end in pairs[pair])
            self.assertAlmostEqual(value, expected[year, ends, code], delta=1e-12 * value)

    def test_the_choice_is_a_scenario(self):
        self.lode("import", "trade", EXAMPLE / "synthetic_TradeData.csv", "--code", "850511", "-o", "case")
        said = self.lode("run", "case", "--scenarios", "all", "--show", "traded[2017, CHN_JPN, '850511']").stdout
        self.assertIn("trust", said)
        rows = {row["exporter"] + row["time"]: row for row in self.table("case/data/mirror.csv") if row["importer"] == "JPN"}
        row = rows["CHN2017"]
        importer, exporter = float(row["importer_weight_t"]), float(row["exporter_weight_t"])
        self.assertAlmostEqual(float(row["weight_gap_t"]), importer - exporter, places=6)
        self.lode("run", "case", "--csv", "-o", "out")
        traded = {(r["time"], r["pair"]): float(r["value"]) for r in self.table("out/csv/traded.csv")}
        self.assertAlmostEqual(traded["2017", "CHN_JPN"], importer)
        self.lode("run", "case", "--csv", "-o", "out", "--scenario", "reconcile=exporter")
        traded = {(r["time"], r["pair"]): float(r["value"]) for r in self.table("out/csv/traded.csv")}
        self.assertAlmostEqual(traded["2017", "CHN_JPN"], exporter)

    def test_baci_takes_its_names_from_the_files_beside_it(self):
        said = self.lode("import", "trade", EXAMPLE / "BACI_HS12_Y2017_V202601.csv", "--code", "8505", "-o", "case").stdout
        self.assertIn("countries from country_codes_V202601.csv, codes from product_codes_HS12_V202601.csv", said)
        self.assertIn("no mirror", said)
        self.assertIn("no mistakes\n", self.lode("check", "case").stdout)
        self.lode("run", "case", "--csv", "-o", "out")
        self.assertIn("Magnets; permanent magnets of metal", (self.folder / "case/data/codes.csv").read_text(encoding="utf-8"))
        shutil.copy(EXAMPLE / "BACI_HS12_Y2017_V202601.csv", self.folder)
        refused = self.lode("import", "trade", "BACI_HS12_Y2017_V202601.csv", "-o", "alone", status=1).stderr
        self.assertIn("--country-names", refused)

    def test_censored_numbers_stay_censored(self):
        self.change(lambda row: row.update(netWgt="<1000", qtyUnitCode="-1", qtyUnitAbbr="N/A") if row["refYear"] == "2016" and row["flowCode"] == "M" else None)
        said = self.lode("import", "trade", "changed.csv", "--code", "850511", "-o", "case").stdout
        self.assertIn("7 numbers are below a limit (<1)", said)
        rows = [row for row in self.table("case/data/importer_weight.csv") if row["time"] == "2016"]
        self.assertEqual({(row["value"], row["low"], row["high"], row["distribution"]) for row in rows}, {("0.5", "0", "1", "uniform")})
        self.lode("run", "case", "--draws", "64", "--csv", "-o", "out")
        drawn = [row for row in self.table("out/csv/traded.csv") if row["time"] == "2016" and row["pair"] == "CHN_JPN"][0]
        self.assertLess(float(drawn["minimum"]), 0.1)
        self.assertGreater(float(drawn["maximum"]), 0.9)

    def test_withheld_is_missing_and_not_zero(self):
        self.change(lambda row: row.update(netWgt="W", qtyUnitCode="-1") if row["refYear"] == "2016" else None)
        said = self.lode("import", "trade", "changed.csv", "--code", "850511", "-o", "case").stdout
        self.assertIn("withheld (W): missing, not zero", said)
        self.lode("run", "case", "--csv", "-o", "out")
        self.assertEqual([row for row in self.table("out/csv/traded.csv") if row["time"] == "2016"], [])

    def change(self, edit):
        with open(EXAMPLE / "synthetic_TradeData.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            edit(row)
        with open(self.folder / "changed.csv", "w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, synthetic.NEW)
            out.writeheader()
            out.writerows(rows)

    def test_one_side_and_re_exports_need_no_mirror(self):
        self.change(lambda row: row.update(flowCode="RX" if row["partnerCode"] == "392" else "X") if row["flowCode"] == "X" else row.update(flowCode="FM"))
        said = self.lode("import", "trade", "changed.csv", "--code", "850511", "-o", "case").stdout
        self.assertIn("only exporters report: no mirror", said)
        self.assertNotIn("warning", self.lode("check", "case").stdout + self.lode("check", "case").stderr)
        self.lode("run", "case", "--csv", "-o", "out")
        self.assertTrue(all(float(row["value"]) > 0 for row in self.table("out/csv/re_exports.csv") if row["exporter"] == "CHN"))
        self.assertEqual({row["exporter"] for row in self.table("out/csv/export_value.csv")}, {"CHN", "DEU", "JPN", "VNM"})

    def test_a_secret_partner_is_told(self):
        said = self.lode("import", "trade", EXAMPLE / "synthetic_TradeData.csv", "-o", "case").stdout
        self.assertIn("trade whose partner is not told", said)
        lacking = [row for row in self.table("case/data/world.csv") if abs(float(row["partner_not_told_t"])) > 1e-6]
        self.assertEqual([(row["time"], row["reporter"], row["flow"], float(row["partner_not_told_t"])) for row in lacking], [("2017", "JPN", "export", 250)])

    def test_bad_rows_are_refused_or_kept_aside(self):
        text = (EXAMPLE / "synthetic_TradeData.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        text[5] = text[5].replace(",X,", ",Q,").replace(",M,", ",Q,")
        (self.folder / "bad.csv").write_text("".join(text), encoding="utf-8")
        refused = self.lode("import", "trade", "bad.csv", "-o", "case", status=1).stderr
        self.assertIn("`Q` is no flow: M, X, RX or RM is expected", refused)
        self.assertIn("bad.csv:6:", refused)
        self.assertFalse((self.folder / "case").exists())
        self.lode("import", "trade", "bad.csv", "--keep-going", "-o", "case")
        left = self.table("case/data/left_out.csv")
        self.assertEqual([(row["place"], row["row"]) for row in left], [("bad.csv:6", text[5].rstrip("\n"))])
        self.lode("check", "case")

    def test_encodings(self):
        text = (EXAMPLE / "synthetic_TradeData.csv").read_text(encoding="utf-8")
        for name, encoding, country in [("w", "cp1252", "Côte d'Ivoire"), ("g", "gb18030", "德国"), ("u", "utf-16", "Türkiye"), ("b", "utf-8-sig", "Türkiye")]:
            (self.folder / f"{name}.csv").write_text(text.replace("Germany", country), encoding=encoding)
            self.lode("import", "trade", f"{name}.csv", "--code", "850511", "-o", name)
            self.assertIn(country, (self.folder / name / "data/pairs.csv").read_text(encoding="utf-8"))

    def test_machines_get_json(self):
        out = json.loads(self.lode("import", "trade", EXAMPLE / "synthetic_TradeData.csv", "-o", "case", "--json").stdout)
        self.assertTrue(out["ok"])
        self.assertEqual(out["two_sided"], 55)
        out = json.loads(self.lode("import", "trade", EXAMPLE / "content.csv", "-o", "other", "--json", status=1).stdout)
        self.assertFalse(out["ok"])


if __name__ == "__main__":
    unittest.main()
