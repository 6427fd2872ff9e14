#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`lode import flows` from workbooks and text files: what goes in comes out of a run. The binary is named by LODE_BINARY."""
import csv
import json
import os
import random
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

BINARY = os.environ["LODE_BINARY"]
CASES = Path(__file__).resolve().parents[2] / "cases"
HEADER = ["source", "target", "type", "region", "year", "value", "unit"]


def column_letters(index):
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def workbook(path, sheets, extra=""):
    """A workbook as Excel lays it out, texts in the shared strings."""
    shared = []

    def cell(row, column, value):
        name = f"{column_letters(column)}{row}"
        if value is None:
            return ""
        if isinstance(value, str):
            if value not in shared:
                shared.append(value)
            return f'<c r="{name}" t="s"><v>{shared.index(value)}</v></c>'
        return f'<c r="{name}"><v>{value!r}</v></c>'

    parts = {}
    for number, (_, rows) in enumerate(sheets, 1):
        body = "".join(f'<row r="{r}">' + "".join(cell(r, c, v) for c, v in enumerate(row)) + "</row>" for r, row in enumerate(rows, 1))
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<?xml version="1.0"?><worksheet xmlns="m"><sheetData>{body}</sheetData>{extra}</worksheet>'
    parts["xl/sharedStrings.xml"] = "<sst>" + "".join(f"<si><t>{escape(text)}</t></si>" for text in shared) + "</sst>"
    parts["xl/workbook.xml"] = "<workbook xmlns:r='r'><sheets>" + "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, (name, _) in enumerate(sheets, 1)) + "</sheets></workbook>"
    parts["xl/_rels/workbook.xml.rels"] = "<Relationships>" + "".join(
        f'<Relationship Id="rId{n}" Type="http://x/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1)) + "</Relationships>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


class Import(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lode-import-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def lode(self, *arguments, status=0):
        result = subprocess.run([BINARY, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, status, f"lode {arguments}\n{result.stdout}\n{result.stderr}")
        return result

    def results(self, case):
        """Every flow of a run: {entry: {(region, year): (value, unit)}}."""
        self.lode("run", case, "--csv", "-o", "out")
        found = {}
        with open(self.folder / case / "data/entries.csv", encoding="utf-8-sig", newline="") as file:
            entries = list(csv.DictReader(file))
        for entry in entries:
            with open(self.folder / "out/csv" / (entry["label"] + ".csv"), encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            key = (entry["origin"], entry["destination"], entry.get("type", ""))
            found[key] = {(row.get("region", ""), int(row["time"])): (float(row["value"]), row["unit"]) for row in rows}
        return found

    def sample(self):
        random.seed(7)
        ends = [("Mining", "Market of ore", "Ore"), ("Market of ore", "Steelmaking", "Ore"), ("Steelmaking", "Use phase", "Steel"),
                ("Steelmaking", "Losses", "Loss"), ("Use phase", "Steelmaking", "Scrap"), ("Imports", "Market of ore", "Ore"),
                ("Imports", "Market of ore", "Balancing flows")]
        regions = ["China", "Türkiye", "Korea, South", "NO"]
        return [[*end, region, year, random.choice([random.uniform(0, 1e6), random.uniform(0, 1e-9), random.randint(1, 9)]), "kt/year"]
                for end in ends for region in regions for year in range(2000, 2006) if random.random() < 0.8]

    def check_round_trip(self, rows, case):
        self.lode("check", case)
        found = self.results(case)
        given = {(*row[:3], row[3], row[4]): row[5] for row in rows}
        cells = 0
        for (source, target, kind), values in found.items():
            for (region, year), (value, unit) in values.items():
                self.assertEqual(unit, "kt/yr")
                expected = given.pop((source, target, kind, region, year), 0)
                # Into tonnes and back: the last bit may differ.
                self.assertAlmostEqual(value, expected, delta=5e-16 * abs(expected), msg=f"{source} {target} {kind} {region} {year}")
                cells += 1
        self.assertEqual(given, {}, "numbers of the file that no result shows")
        self.assertGreater(cells, 100)

    def test_a_workbook_comes_back_cell_by_cell(self):
        rows = self.sample()
        workbook(self.folder / "steel.xlsx", [("Sheet1", [HEADER, *rows])])
        said = self.lode("import", "flows", "steel.xlsx", "-o", "steel", "--cite", "Watari, T. (2025) Flows", "--licence", "MIT").stdout
        self.assertIn("7 flows between 6 processes, 4 regions, 2000–2005", said)
        self.assertIn("source from column `source`", said)
        self.assertIn("does not balance", said)
        self.check_round_trip(rows, "steel")
        self.assertIn("@misc{watari2025", (self.folder / "steel/sources.bib").read_text(encoding="utf-8"))
        self.assertIn("Licence of the data: MIT", (self.folder / "steel/README.md").read_text(encoding="utf-8"))

    def test_a_workbook_of_openpyxl_comes_back(self):
        try:
            import openpyxl
        except ImportError:
            self.skipTest("openpyxl is not installed")
        rows = self.sample()
        book = openpyxl.Workbook()
        for row in [HEADER, *rows]:
            book.active.append(row)
        book.save(self.folder / "steel.xlsx")
        self.lode("import", "flows", "steel.xlsx", "-o", "steel", "--stock", "Use phase")
        self.check_round_trip(rows, "steel")

    def test_a_text_file_comes_back(self):
        rows = self.sample()
        with open(self.folder / "steel.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADER, *rows])
        self.lode("import", "flows", "steel.csv", "-o", "steel", "--types", "flows")
        self.check_round_trip(rows, "steel")

    def test_years_across_in_another_sheet_below_a_title(self):
        workbook(self.folder / "book.xlsx", [("Notes", [["nothing"]]), ("Flows", [
            ["Steel in Europe"], [], ["From", "To", "Country", 2000, 2010], ["Mine", "Mill", "FR", 1.5, 2], ["Mill", "Use", "FR", None, 3],
            ["Source: own count"]])])
        said = self.lode("import", "flows", "book.xlsx", "-o", "case", "--sheet", "Flows", "--unit", "Mt").stdout
        self.assertIn("`Mt` is read as that year's amount, `Mt/yr`", said)
        self.assertIn("1 cell without a value is no flow: Flows!D5", said)
        self.assertIn("Flows!A6", said)
        self.lode("check", "case")
        readme = (self.folder / "case/README.md").read_text(encoding="utf-8")
        self.assertIn("Steel in Europe", readme)
        self.assertIn("Source: own count", readme)
        self.assertIn("country", (self.folder / "case/model.yaml").read_text(encoding="utf-8"))

    def test_types_as_a_dimension(self):
        rows = [[a, b, kind, "C", year, 1.5, "t/yr"] for a, b in [("Mine", "Mill"), ("Mill", "Use")] for kind in ["Fe", "Cr"] for year in (2000, 2001)]
        workbook(self.folder / "two.xlsx", [("Sheet1", [HEADER, *rows])])
        self.lode("import", "flows", "two.xlsx", "-o", "two")
        self.lode("check", "two")
        self.assertIn("over: [time, region, type]", (self.folder / "two/model.yaml").read_text(encoding="utf-8"))

    def test_mistakes_name_their_cell(self):
        good = ["a", "b", "x", "C", 2000, 1.0, "t/yr"]
        for row, words in [
            (["a", "b", "x", "C", 2001, "soon", "t/yr"], "Sheet1!F3: `soon` is no number"),
            (["a", "b", "x", "C", 2001, -1.0, "t/yr"], "Sheet1!F3: the flow is below zero"),
            (["a", "b", "x", "C", 2001, 1.0, "quux"], "Sheet1!G3: unit `quux`"),
            (["a", "b", "x", "C", "then", 1.0, "t/yr"], "Sheet1!E3: `then` is no year"),
            (["a", None, "x", "C", 2001, 1.0, "t/yr"], "Sheet1!B3: the row has a value but no target"),
            (["a", "b", "x", "C", 2000, 2.0, "t/yr"], "Sheet1!F3: a → b (x), C, 2000 stands twice, first in Sheet1!F2"),
        ]:
            workbook(self.folder / "bad.xlsx", [("Sheet1", [HEADER, good, row])])
            said = self.lode("import", "flows", "bad.xlsx", "-o", "bad", status=1)
            self.assertIn(words, said.stderr)
            self.assertEqual(said.stdout, "")
            self.assertFalse((self.folder / "bad").exists(), words)
            answer = json.loads(self.lode("import", "flows", "bad.xlsx", "-o", "bad", "--json", status=1).stdout)
            self.assertFalse(answer["ok"])
            self.assertIn(words, answer["messages"][0]["text"])

    def test_options_settle_what_is_refused(self):
        workbook(self.folder / "odd.xlsx", [("Sheet1", [
            ["origin", "destination", "tonnes"], ["a", "b", 1.0], ["a", "b", 2.0], ["b", "c", "1.234,5"], ["c", "d", -4.0]])])
        said = self.lode("import", "flows", "odd.xlsx", "-o", "odd", "--value", "tonnes", "--unit", "t", "--year", "2019", "--sum-duplicates",
                         "--decimal-comma", "--negative").stdout
        self.assertIn("1 row is added to one before: Sheet1!C3", said)
        table = (self.folder / "odd/data/flows.csv").read_text(encoding="utf-8-sig")
        self.assertEqual(table, "entry,2019\na_to_b,3\nb_to_c,1234.5\nc_to_d,-4\n")
        self.assertIn("signed: true", (self.folder / "odd/model.yaml").read_text(encoding="utf-8"))
        self.lode("check", "odd")

    def test_files_that_are_no_workbook(self):
        (self.folder / "text.xlsx").write_text("source,target\n", encoding="utf-8")
        self.assertIn("it is no workbook", self.lode("import", "flows", "text.xlsx", "-o", "x", status=1).stderr)
        self.assertIn("no such file", self.lode("import", "flows", "none.xlsx", "-o", "x", status=1).stderr)
        workbook(self.folder / "one.xlsx", [("Data", [HEADER])])
        said = self.lode("import", "flows", "one.xlsx", "--sheet", "Dta", "-o", "x", status=1).stderr
        self.assertIn("did you mean `Data`", said)
        self.assertIn("holds no flow with a value", self.lode("import", "flows", "one.xlsx", "-o", "x", status=1).stderr)

    def test_a_bomb_is_refused(self):
        with zipfile.ZipFile(self.folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.writestr("xl/workbook.xml", "<workbook><sheets><sheet name='A' id='r1'/></sheets></workbook>")
            archive.writestr("xl/_rels/workbook.xml.rels", "<R><Relationship Id='r1' Type='x/worksheet' Target='s.xml'/></R>")
            with archive.open("xl/s.xml", "w", force_zip64=True) as part:
                for _ in range(300):
                    part.write(b" " * (1 << 20))
        self.assertLess((self.folder / "bomb.xlsx").stat().st_size, 1 << 20)
        self.assertIn("unpacks to more than 256 MiB", self.lode("import", "flows", "bomb.xlsx", "-o", "x", status=1).stderr)

    def test_numbers_are_renewed_and_titles_kept(self):
        rows = self.sample()
        workbook(self.folder / "steel.xlsx", [("Sheet1", [HEADER, *rows])])
        self.lode("import", "flows", "steel.xlsx", "-o", "steel")
        self.assertIn("exists already", self.lode("import", "flows", "steel.xlsx", "-o", "steel", status=1).stderr)
        regions = self.folder / "steel/data/regions.csv"
        regions.write_text("label,name_zh\nChina,中国\nTürkiye,土耳其\n\"Korea, South\",韩国\nNO,挪威\n", encoding="utf-8")
        kept = regions.read_bytes()
        rows = [[*row[:5], row[5] * 2, row[6]] for row in rows]
        workbook(self.folder / "steel.xlsx", [("Sheet1", [HEADER, *rows])])
        self.lode("import", "flows", "steel.xlsx", "-o", "steel", "--data-only")
        self.assertEqual(regions.read_bytes(), kept)
        self.check_round_trip(rows, "steel")
        workbook(self.folder / "steel.xlsx", [("Sheet1", [HEADER, *rows, ["Use phase", "Tip", "Slag", "China", 2000, 1.0, "kt/yr"]])])
        self.assertIn("data/entries.csv lacks use_phase_to_tip", self.lode("import", "flows", "steel.xlsx", "-o", "steel", "--data-only").stdout)

    def test_help_has_an_example(self):
        for arguments in (["import"], ["import", "flows"]):
            text = self.lode(*arguments, "--help").stdout
            self.assertIn("Example:", text)
            self.assertIn("lode import flows", text)


if __name__ == "__main__":
    unittest.main()
