#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time Monte Carlo of declared models beside programs written by hand for one model each, and beside numpy.

    python3 -m venv build/peers && build/peers/bin/pip install numpy==2.4.6 scipy==1.17.1 netCDF4==1.7.5.1.post1
    build/peers/bin/python bench/uncertainty/run.py --lode PATH --handwritten PATH [--model NAME …] [--quick]

Lode draws its usual Sobol points, "same scores" is the program by hand with them. "same cells" is `lode run --results` with what the
program by hand keeps statistics of, "all results" a run without it; the goals are of the same cells. Nothing is built.
Answers come first: nominal values agree to 1e-10, means, deviations and quantiles within Monte Carlo error, and those
of the same cells are those of all results to the last bit. Then all programs run in turn, round after round, so that
what else the machine does meets each alike; whole processes are timed, least and median times shown, the ratios are of
least times. Where other programs keep the machine busy, seconds of processors tell more than those of the clock.
"""
import argparse
import csv
import math
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import netCDF4
import numpy as np

HERE = Path(__file__).resolve().parent
MODELS = {"families": 1.5, "loops": 2.5, "entries": 2.5, "labels": 2.5}  # most times of the program by hand
CHECK_DRAWS = 65_536
STANDARD_ERRORS = 6  # of thousands of cells, none is further off by chance
PEER_GOALS = {"odym": 5000, "lean": 150, "batch": 15}
MEMORY_GOAL, THREADS_GOAL = 64, 1.8  # MB, times as fast
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
DENSITY = {"q05": 0.1031, "q25": 0.3178, "q50": 0.3989, "q75": 0.3178, "q95": 0.1031}  # standard normal, there


class Run:
    """A process from start to end: seconds, those of processors, and its own peak memory in MB."""

    def __init__(self, command: list):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True)
        self.megabytes = 0.0
        # Its rusage would count the memory of this script, from before exec.
        while process.poll() is None:
            self.megabytes = max(self.megabytes, peak(process.pid))
            try:
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                pass
        self.seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.text = process.stdout.read()
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{self.text}")


def peak(pid: int) -> float:
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    except OSError:
        return 0.0


class Answer:
    """Statistics of all cells, by quantity, place of the label and place of the year."""

    def __init__(self, draws: int):
        self.draws = draws
        self.cells = {}
        self.kept = 0  # cells with statistics in the results, balances and the like among them

    @classmethod
    def of_table(cls, path: Path, draws: int) -> "Answer":
        answer = cls(draws)
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                key = (row.pop("quantity"), row.pop("label"), int(row.pop("year")))
                answer.cells[key] = {name: float(value) for name, value in row.items()}
        return answer

    @classmethod
    def of_results(cls, path: Path, cells: list, draws: int) -> "Answer":
        """The same cells from results of Lode; without draws only their nominal values."""
        answer = cls(draws)
        with netCDF4.Dataset(path) as data:
            arrays = {name: by_statistic(data, name, draws) for name in {key[0] for key in cells}}
            answer.kept = sum(variable.size for name, variable in data.variables.items() if name.endswith(".mean"))
        for key in cells:
            name, label, year = key
            place = (year,) if label == "" else (year, int(label))
            answer.cells[key] = {kind: float(array[place]) for kind, array in arrays[name].items()}
        return answer


def by_statistic(data: netCDF4.Dataset, name: str, draws: int) -> dict:
    found = {"nominal": np.asarray(data.variables[name][:])}
    if draws == 0:
        return found
    found["mean"] = np.asarray(data.variables[f"{name}.mean"][:])
    found["sd"] = np.asarray(data.variables[f"{name}.deviation"][:])
    levels = np.asarray(data.variables["quantile"][:])
    quantiles = np.asarray(data.variables[f"{name}.quantiles"][:])
    for kind, level in QUANTILES.items():
        at = int(np.argmin(np.abs(levels - level)))
        if abs(levels[at] - level) < 1e-9:
            found[kind] = quantiles[at]
    return found


def compare(what: str, one: Answer, other: Answer, design_is_random: bool = True) -> None:
    """`other` in standard errors of both; what is not drawn at random only beats them."""
    worst = {}
    for key, a in one.cells.items():
        b = other.cells[key]
        size = max(abs(a["nominal"]), abs(b["nominal"]))
        if size > 0:
            worst["nominal"] = max(worst.get("nominal", 0), abs(a["nominal"] - b["nominal"]) / size)
        if other.draws == 0 or a["sd"] == 0:
            continue
        parts = 1 / one.draws + (1 / other.draws if design_is_random else 0)
        error = a["sd"] * math.sqrt(parts)
        off = {"mean": (b["mean"] - a["mean"]) / error, "sd": (b["sd"] - a["sd"]) / error * math.sqrt(2)}
        for kind, level in QUANTILES.items():
            if kind in b:
                of_quantile = error * math.sqrt(level * (1 - level)) / DENSITY[kind]
                # The forms of distributions differ somewhat from the normal's, and bins are not points.
                off[kind] = (b[kind] - a[kind]) / (1.3 * of_quantile + 0.002 * a["sd"])
        for kind, value in off.items():
            worst[kind] = max(worst.get(kind, 0), abs(value))
    print(f"  {what}: {len(one.cells)} cells, nominal values within {worst.pop('nominal'):.1e}"
          + (", at most " + ", ".join(f"{value:.1f} ({kind})" for kind, value in worst.items()) + " standard errors"
             if worst else "") + (f"; statistics of {other.kept} cells in the results" if other.kept else ""))
    bad = [kind for kind, value in worst.items() if not value < STANDARD_ERRORS]
    if bad:
        sys.exit(f"  {what} differs: {', '.join(bad)}")


def check_nominal(what: str, one: Answer, other: Answer) -> None:
    for key, a in one.cells.items():
        b = other.cells[key]
        if not math.isclose(a["nominal"], b["nominal"], rel_tol=1e-10, abs_tol=1e-12):
            sys.exit(f"  {what} differs at {key}: {a['nominal']} and {b['nominal']}")


class Bench:
    def __init__(self, options, folder: Path):
        self.options, self.folder = options, folder
        self.draws = 2**17 if options.quick else options.draws
        help_text = Run([options.lode, "run", "--help"]).text
        self.lode_draws = "--results" in help_text
        self.same_cells = {}  # by model: the results that its program by hand keeps
        if not self.lode_draws:
            print("this `lode run` has no --results: the programs by hand are checked by nominal values and timed alone")

    def by_hand(self, model: str, draws: int, threads: int, *more) -> Run:
        return Run([self.options.handwritten, model, self.folder / model, "--draws", draws, "--threads", threads,
                    *(["--tier", self.options.tier] if self.options.tier else []), *more])

    def by_hand_with_lodes_scores(self, model: str, draws: int, threads: int) -> Run:
        return self.by_hand(model, draws, threads, "--scores", "sobol")

    def lode(self, model: str, draws: int, threads: int, design: str = "sobol", seed: int = 1, results=()) -> Run:
        out = self.folder / f"{model}-results"
        command = [self.options.lode, "run", self.folder / model, "-o", out]
        if draws:
            command += ["--draws", draws, "--seed", seed, "--design", design, "--threads", threads,
                        "--quantiles", *(100 * level for level in QUANTILES.values())]
            command += ["--results", ",".join(results)] if results else []
        return Run(command)

    def lode_with_the_same_cells(self, model: str, draws: int, threads: int) -> Run:
        return self.lode(model, draws, threads, results=self.same_cells[model])

    def results(self, model: str) -> Path:
        return self.folder / f"{model}-results" / f"{model}.nc"

    def check(self, model: str) -> None:
        table = self.folder / f"{model}.csv"
        self.by_hand(model, CHECK_DRAWS, 2, "--output", table)
        by_hand = Answer.of_table(table, CHECK_DRAWS)
        self.lode(model, 0, 1)
        nominal = Answer.of_results(self.results(model), list(by_hand.cells), 0)
        check_nominal(f"{model} by hand", nominal, by_hand)
        if self.lode_draws:
            self.same_cells[model] = sorted({key[0] for key in by_hand.cells})
            # Random, whose errors are those of independent draws in deviations, too.
            self.lode(model, CHECK_DRAWS, 2, "random")
            everything = Answer.of_results(self.results(model), list(by_hand.cells), CHECK_DRAWS)
            compare(f"{model}, Lode and by hand", by_hand, everything)
            self.lode(model, CHECK_DRAWS, 2, "random", results=self.same_cells[model])
            some = Answer.of_results(self.results(model), list(by_hand.cells), CHECK_DRAWS)
            if some.cells != everything.cells:
                sys.exit(f"  {model}: statistics of the same cells are not those of all results")
            print(f"  {model}, the same cells: the same bits; statistics of {some.kept} cells in the results")
        else:
            compare(f"{model}, Lode and by hand", by_hand, nominal)
        if model == "families":
            table = self.folder / "peer.csv"
            draws = 4096
            self.peer("batch", draws, "--output", table)
            compare("families, numpy and by hand", by_hand, Answer.of_table(table, draws))

    def peer(self, way: str, draws: int, *more) -> float:
        """Seconds per draw, without starting Python."""
        run = Run([sys.executable, HERE.parent / "peers" / "families.py", self.folder / "families", "--way", way,
                   "--draws", draws, *more])
        return float(re.search(r"µs/draw ([\d.]+)", run.text)[1]) / 1e6

    def measure(self, model: str) -> dict:
        programs = {"by hand": self.by_hand, "same scores": self.by_hand_with_lodes_scores}
        if self.lode_draws:
            programs |= {"same cells": self.lode_with_the_same_cells, "all results": self.lode}
        runs = {(name, threads): [] for name in programs for threads in (1, 2)}
        for _ in range(self.options.rounds):
            for name, threads in runs:
                runs[name, threads].append(programs[name](model, self.draws, threads))
        for (name, threads), those in runs.items():
            seconds = [one.seconds for one in those]
            print(f"  {model:9} {name:11} {threads} thread{'s' if threads > 1 else ' '}  least {min(seconds):8.3f} s  "
                  f"median {statistics.median(seconds):8.3f} s  {min(seconds) / self.draws * 1e6:7.2f} µs/draw  "
                  f"processors {min(one.processor for one in those):8.3f} s  "
                  f"{max(one.megabytes for one in those):5.1f} MB")
        return {key: min(one.seconds for one in those) for key, those in runs.items()} | {
            (*key, "processor"): min(one.processor for one in those) for key, those in runs.items()} | {
            f"{name} MB": max(one.megabytes for (n, _), those in runs.items() if n == name for one in those)
            for name in programs}

    def judge(self, model: str, times: dict) -> None:
        for name, called in (("by hand", "by hand"), ("same cells", "Lode, same cells"),
                             ("all results", "Lode, all results")):
            if (name, 1) in times:
                verdict(f"{model}: {called}, 1 thread over 2", times[name, 1] / times[name, 2], THREADS_GOAL, True)
                verdict(f"{model}: {called}, peak memory in MB", times[f"{name} MB"], MEMORY_GOAL, False)
        if self.lode_draws:
            for threads in (1, 2):
                ratios = {name: self.ratios(times, name, threads) for name in ("same cells", "all results")}
                verdict(f"{model}: Lode with the same cells over by hand, {threads} threads",
                        ratios["same cells"][0], MODELS[model], False)
                for name, called in (("same cells", "with the same cells"), ("all results", "with all results")):
                    clock, scores, processors = ratios[name]
                    print(f"          Lode {called} over by hand {clock:.2f}, with Lode's scores {scores:.2f}; "
                          f"of processor seconds, over by hand {processors:.2f}")

    @staticmethod
    def ratios(times: dict, name: str, threads: int) -> tuple:
        """Over the program by hand, over that with Lode's scores, and over the first of processor seconds."""
        return (times[name, threads] / times["by hand", threads], times[name, threads] / times["same scores", threads],
                times[name, threads, "processor"] / times["by hand", threads, "processor"])

    def judge_peers(self, times: dict) -> None:
        name = "same cells" if self.lode_draws else "by hand"
        called = "Lode with the same cells" if self.lode_draws else name
        for way, draws in (("odym", 10), ("lean", 200), ("arrays", 200), ("batch", 10_000)):
            seconds = min(self.peer(way, draws) for _ in range(3))
            what = f"families: numpy {way} ({seconds * 1e6:.0f} µs/draw, from {draws} draws) over {called}, 2 threads"
            times_as_fast = seconds / (times[name, 2] / self.draws)
            if way in PEER_GOALS:
                verdict(what, times_as_fast, PEER_GOALS[way], True)
            else:
                print(f"          {what}: {times_as_fast:,.2f}")

    def sobol(self) -> None:
        """Errors of means in deviations of their cells, root mean square over the cells."""
        table = self.folder / "families.csv"
        cells = list(Answer.of_table(table, CHECK_DRAWS).cells)

        def means(draws: int, design: str, seed: int) -> tuple:
            if self.lode_draws:
                self.lode("families", draws, 2, design, seed)
                answer = Answer.of_results(self.results("families"), cells, draws)
            else:
                self.by_hand("families", draws, 2, "--scores", design, "--seed", seed, "--output", table)
                answer = Answer.of_table(table, draws)
            return tuple(np.array([one[kind] for one in answer.cells.values()]) for kind in ("mean", "sd"))

        reference, deviation = means(2**21, "sobol", 99)
        varied = deviation > 0

        def errors(draws: int, design: str, seeds: range) -> np.ndarray:
            off = [(means(draws, design, seed)[0] - reference)[varied] / deviation[varied] for seed in seeds]
            return np.sqrt(np.mean(np.square(off), axis=0))

        who = "Lode" if self.lode_draws else "by hand, designs of Lode"
        print(f"error of means in deviations of their cells ({who}), root mean square and median over the cells")
        for name, found in (("4,096 scrambled Sobol", errors(4096, "sobol", range(1, 9))),
                            ("1,000,000 random", errors(1_000_000, "random", range(1, 4)))):
            mean_square = float(np.mean(found**2))
            print(f"  {name}: {math.sqrt(mean_square):.2e}, {float(np.median(found)):.2e}; that of "
                  f"{1 / mean_square:,.0f} random draws")


def verdict(what: str, value: float, goal: float, at_least: bool) -> None:
    good = value >= goal if at_least else value <= goal
    print(f"  {'met   ' if good else 'missed'}  {what}: {value:,.2f} (goal: {'at least' if at_least else 'at most'} "
          f"{goal:,})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lode", type=Path, required=True)
    parser.add_argument("--handwritten", type=Path, required=True)
    parser.add_argument("--model", choices=MODELS, action="append", help="all of them unless named")
    parser.add_argument("--draws", type=int, default=2**20, help="8 times a power of two")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tier", choices=("avx2",), help="the instruction set of the programs by hand")
    parser.add_argument("--quick", action="store_true", help="131,072 draws")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, HERE / "make_cases.py", folder], check=True)
        bench = Bench(options, Path(folder))
        models = options.model or list(MODELS)
        print("answers")
        for model in models:
            bench.check(model)
        print(f"times of {bench.draws:,} draws, whole processes, {options.rounds} rounds")
        times = {model: bench.measure(model) for model in models}
        print("goals")
        for model in models:
            bench.judge(model, times[model])
        if "families" in models:
            bench.judge_peers(times["families"])
            bench.sobol()


if __name__ == "__main__":
    main()
