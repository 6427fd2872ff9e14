#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times cases/steel-world as whole processes: 30 countries and 25 years read, balanced and written.

The answer is checked first, against data/flows.csv as Python reads it: every flow of every country and year, the balance
of every process, and the file that comes out.

    bench/steel.py [--lode build/release/lode] [--runs 20] [--goal 0.5] [--workbook data_2000_2024.xlsx]

With --workbook the import of the authors' file is timed, too, and must give the numbers of the case.
"""
import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "cases/steel-world"


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def check_answer(lode: str, folder: Path) -> int:
    """Every number of the list comes out of a run; returns how many."""
    subprocess.run([lode, "run", str(CASE), "--csv", "-o", str(folder)], check=True, capture_output=True)
    given = {}
    for row in rows(CASE / "data/flows.csv"):
        entry, region = row.pop("entry"), row.pop("region")
        for year, value in row.items():
            if value:
                given[entry, region, year] = float(value)
    count = len(given)
    for entry in {key[0] for key in given}:
        for row in rows(folder / f"csv/{entry}.csv"):
            expected = given.pop((entry, row["region"], row["time"]), 0.0)
            if row["unit"] != "kt/yr" or abs(float(row["value"]) - expected) > 1e-15 * expected:
                sys.exit(f"{entry}, {row['region']}, {row['time']}: {row['value']} for {expected}")
    if given:
        sys.exit(f"{len(given)} numbers of the list are in no result")
    entering = {(r["region"], r["time"]): float(r["value"]) for r in rows(folder / "csv/market_of_end_use_goods_to_use_phase.csv")}
    for path in folder.glob("csv/balance.*.csv"):
        worst = max(abs(float(row["value"])) for row in rows(path))
        if worst > 1e-12 * max(entering.values()):
            sys.exit(f"{path.stem} is off by {worst}")
    return count


def timed(command: list[str], runs: int) -> list[float]:
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds.append(time.perf_counter() - start)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return seconds


def told(what: str, seconds: list[float]) -> None:
    print(f"{what}: {len(seconds)} processes, min {min(seconds):.3f} s, median {statistics.median(seconds):.3f} s, max {max(seconds):.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lode", default=str(ROOT / "build/release/lode"))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--goal", type=float, default=0.5)
    parser.add_argument("--workbook")
    options = parser.parse_args()
    lode = str(Path(options.lode).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"answer: {check_answer(lode, folder / 'checked')} numbers agree, every process balances")
        whole = timed([lode, "run", str(CASE), "-o", str(folder / "results")], options.runs)
        told("lode run cases/steel-world", whole)
        told("starting a process", timed([lode, "--version"], options.runs))
        reached = statistics.median(whole) <= options.goal
        print(f"goal: at most {options.goal} s: {'reached' if reached else 'NOT reached'}")
        if options.workbook:
            seconds = []
            for n in range(options.runs):
                seconds += timed([lode, "import", "flows", options.workbook, "-o", str(folder / f"import{n}")], 1)
            told("lode import flows", seconds)
            if (folder / "import0/data/flows.csv").read_bytes() != (CASE / "data/flows.csv").read_bytes():
                sys.exit("the import does not give the numbers of the case")
            print("its numbers are those of the case, byte for byte")


if __name__ == "__main__":
    main()
