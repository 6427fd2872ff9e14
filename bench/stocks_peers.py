#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times cohort stocks of Lode beside flodym and ODYM: same input, same run, answers compared first.

Every job runs in a process of its own, which reads N series of T years with a Weibull lifetime each, computes survival
and the stocks of inflow-driven series or the inflows of stock-driven ones, and the outflow. Time is the median of the
repeats of that, without start and files; memory is by how much it makes the process's peak grow. Inflow enters at the
end of its year, the one convention that all have. ODYM and flodym use one thread, so Lode's times are given for one
thread too, and ratios are to that.

flodym comes from PyPI, pinned below, into an environment of its own (--venv). ODYM is not on PyPI: --odym names a
checkout (its src/odym/dynamic_stock_model.py is used); without it ODYM is left out.

    bench/stocks_peers.py --lode build/dev/bench/bench_stocks_file [--odym ../ODYM] [--venv build/peers] [--plot]
"""
import argparse
import csv
import json
import math
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PACKAGES = ["flodym==1.1.0", "numpy==2.4.6", "scipy==1.17.1", "matplotlib==3.11.2"]
HERE = Path(__file__).resolve().parent
WAYS = ("inflow", "stock")
MEMORY_LIMIT = 8e9  # bytes; flodym keeps four tables of years by years for every series
ODYM_LIMIT = 100_000  # series times years, each a call of scipy; about a quarter of a minute


# What runs inside the environment: one job of a peer.

def peak_kib() -> int:
    """Of this process since it was started (getrusage would count the one that started it)."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))

def peer_job(options) -> None:
    import numpy as np

    series, years, cohorts = options.series, options.years, options.cohorts
    values = np.fromfile(options.input)
    scale = values[:series * cohorts].reshape(series, cohorts)
    shape = values[series * cohorts:series * (cohorts + 1)]
    given = values[series * (cohorts + 1):].reshape(series, years)
    if options.tool == "flodym":
        import logging

        import flodym

        time_dim = flodym.Dimension(name="time", letter="t", items=list(range(2000, 2000 + years)), dtype=int)
        series_dim = flodym.Dimension(name="series", letter="s", items=list(range(series)), dtype=int)
        dims = flodym.DimensionSet(dim_list=[time_dim, series_dim])
        logging.disable(logging.WARNING)

        def compute():
            lifetime = flodym.WeibullLifetime(
                dims=dims, inflow_at="end",
                weibull_scale=np.ascontiguousarray(np.broadcast_to(scale, (series, years)).T),
                weibull_shape=np.ascontiguousarray(np.broadcast_to(shape[:, None], (series, years)).T))
            kind = flodym.StockDrivenDSM if options.way == "stock" else flodym.InflowDrivenDSM
            model = kind(dims=dims, lifetime_model=lifetime)
            (model.stock if options.way == "stock" else model.inflow).values[...] = given.T
            model.compute()
            solved = model.inflow if options.way == "stock" else model.stock
            return solved.values.T, model.outflow.values.T
    else:
        sys.path.insert(0, options.odym)
        from dynamic_stock_model import DynamicStockModel

        def compute():
            solved = np.empty((series, years))
            outflow = np.empty((series, years))
            for i in range(series):
                lifetime = {"Type": "Weibull", "Scale": scale[i], "Shape": shape[i:i + 1]}
                if options.way == "stock":
                    model = DynamicStockModel(t=np.arange(years), s=given[i], lt=lifetime)
                    model.compute_stock_driven_model()
                    solved[i] = model.i
                else:
                    model = DynamicStockModel(t=np.arange(years), i=given[i], lt=lifetime)
                    model.compute_s_c_inflow_driven()
                    solved[i] = model.compute_stock_total()
                    model.compute_o_c_from_s_c()
                outflow[i] = model.compute_outflow_total()
            return solved, outflow

    before = peak_kib()
    seconds = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        solved, outflow = compute()
        seconds.append(time.perf_counter() - start)
    after = peak_kib()
    with open(options.output, "wb") as file:
        np.ascontiguousarray(solved).tofile(file)
        np.ascontiguousarray(outflow).tofile(file)
    print(statistics.median(seconds), after - before)


# What steers it.

def make_environment(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    return python


def write_input(path: Path, series: int, years: int, way: str, by_cohort: bool) -> None:
    scale, shape, given = [], [], []
    for i in range(series):
        where = (i % 1000) / 1000
        for c in range(years if by_cohort else 1):
            scale.append((8 + 40 * where) * (1 + 0.3 * c / years))
        shape.append(1.5 + 2 * where)
        for t in range(years):
            wave = math.sin(0.1 * t + 0.01 * i)
            given.append(100 + 5 * t + 2 * wave if way == "stock" else 10 + 0.1 * t + wave)
    values = scale + shape + given
    path.write_bytes(struct.pack(f"{len(values)}d", *values))


def read_output(path: Path) -> tuple[float, ...]:
    data = path.read_bytes()
    return struct.unpack(f"{len(data) // 8}d", data)


class Bench:
    def __init__(self, options, python: Path, folder: Path):
        self.options, self.python, self.folder = options, python, folder
        self.rows = []

    def run(self, tool: str, series: int, years: int, way: str, cohorts: int, repeats: int, threads: int = 1):
        """Seconds and KiB; the answer is in the tool's file."""
        output = self.folder / f"{tool}.out"
        if tool == "lode":
            command = [self.options.lode, self.folder / "input", output, series, years, way, cohorts, threads, repeats]
        else:
            command = [self.python, __file__, "--job", "--tool", tool, "--input", self.folder / "input",
                       "--output", output, "--series", series, "--years", years, "--way", way,
                       "--cohorts", cohorts, "--repeats", repeats]
            if tool == "odym":
                command += ["--odym", self.options.odym_module]
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
            environment.pop(name, None)
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            sys.exit(f"{tool} failed:\n{done.stderr}")
        seconds, kib = done.stdout.split()
        return float(seconds), float(kib)

    def same_answer(self, tool: str) -> float:
        """The largest difference, relative to the largest value of its kind."""
        one, other = read_output(self.folder / "lode.out"), read_output(self.folder / f"{tool}.out")
        if len(one) != len(other):
            sys.exit(f"{tool} gives another number of values")
        half = len(one) // 2
        worst = 0.0
        for part in (slice(0, half), slice(half, None)):
            size = max(abs(value) for value in one[part])
            worst = max(worst, max(abs(a - b) for a, b in zip(one[part], other[part])) / size)
        return worst

    def measure(self, what: str, series: int, years: int, way: str, by_cohort: bool, peers: list[str]) -> None:
        write_input(self.folder / "input", series, years, way, by_cohort)
        cohorts = years if by_cohort else 1
        work = series * years
        own = self.run("lode", series, years, way, cohorts, 5 if work > 1_000_000 else 11)
        row = dict(what=what, series=series, years=years, way=way, by_cohort=int(by_cohort), lode_s=own[0],
                   lode_MB=own[1] / 1024)
        row["lode_2_threads_s"] = self.run("lode", series, years, way, cohorts, 5, threads=2)[0]
        for tool in peers:
            if tool == "flodym" and 4 * 8 * years * years * series > MEMORY_LIMIT:
                continue
            if tool == "odym" and work > ODYM_LIMIT:
                continue
            slow = work > 20_000 if tool == "odym" else work * years > 8_000_000
            seconds, kib = self.run(tool, series, years, way, cohorts, 1 if slow else 3)
            difference = self.same_answer(tool)
            if not difference < 1e-9:
                sys.exit(f"{tool} differs by {difference:g} in {row}")
            row |= {f"{tool}_s": seconds, f"{tool}_MB": kib / 1024, f"{tool}_ratio": seconds / own[0],
                    f"{tool}_memory_ratio": kib / max(own[1], 1), f"{tool}_difference": difference}
        self.rows.append(row)
        told = "  ".join(f"{tool} {row[f'{tool}_s']:8.3f} s ({row[f'{tool}_ratio']:7.0f} x), "
                         f"{row[f'{tool}_MB']:6.0f} MB" for tool in peers if f"{tool}_s" in row)
        print(f"{series:7} x {years:3} {way:6} {'by cohort' if by_cohort else '':9}  "
              f"lode {own[0]:8.4f} s, {own[1] / 1024:6.1f} MB  {told}", flush=True)


def plot(rows: list[dict], target: Path, python: Path) -> None:
    """By matplotlib of the environment."""
    script = '''
import json, sys
import matplotlib
matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "lode"
import matplotlib.pyplot as plt
rows, target = json.loads(sys.stdin.read()), sys.argv[1]
figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
colours = {"lode": "#0b6e4f", "flodym": "#c8553d", "odym": "#4a6fa5"}
names = {"lode": "Lode", "flodym": "flodym", "odym": "ODYM"}
for axis, what, column in ((axes[0], "series", "series"), (axes[1], "years", "years")):
    for way, style in (("inflow", "-"), ("stock", "--")):
        chosen = sorted((row for row in rows if row["what"] == what and row["way"] == way), key=lambda row: row[column])
        for tool in colours:
            points = [(row[column], row[f"{tool}_s"]) for row in chosen if row.get(f"{tool}_s")]
            if points:
                axis.plot(*zip(*points), style, marker="o", markersize=3, color=colours[tool],
                          label=f"{names[tool]}, {way}-driven" if axis is axes[0] else None)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.grid(True, which="major", alpha=0.3)
axes[0].set_xlabel("series (100 years)")
axes[1].set_xlabel("years (200 series)")
axes[1].set_xticks([50, 100, 200, 400], ["50", "100", "200", "400"])
axes[1].minorticks_off()
axes[0].set_ylabel("seconds, one thread")
figure.legend(loc="lower center", ncol=3, frameon=False, fontsize=8)
figure.tight_layout(rect=(0, 0.13, 1, 1))
figure.savefig(target + ".svg", metadata={"Date": None})
figure.savefig(target + ".png", dpi=130)
'''
    subprocess.run([python, "-c", script, str(target)], input=json.dumps(rows), text=True, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lode", default="build/dev/bench/bench_stocks_file")
    parser.add_argument("--venv", type=Path, default=Path("build/peers"))
    parser.add_argument("--odym", type=Path, help="a checkout of ODYM")
    parser.add_argument("--csv", type=Path, help="where the numbers go")
    parser.add_argument("--plot", type=Path, help="where the plot goes, without its ending")
    parser.add_argument("--quick", action="store_true", help="only the small jobs")
    parser.add_argument("--job", action="store_true", help=argparse.SUPPRESS)
    for name in ("tool", "input", "output", "way"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    for name in ("series", "years", "cohorts", "repeats"):
        parser.add_argument(f"--{name}", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        options.odym = str(options.odym)
        peer_job(options)
        return

    options.lode = Path(options.lode).resolve()
    python = make_environment(options.venv.absolute())
    peers = ["flodym"]
    if options.odym:
        options.odym_module = (options.odym / "src" / "odym").resolve()
        peers.append("odym")
    else:
        print("ODYM is left out: no --odym")
    print(", ".join(PACKAGES[:3]))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, python, Path(folder))
        for way in WAYS:
            for series in (100, 1000) if options.quick else (100, 1000, 10_000, 100_000):
                bench.measure("series", series, 100, way, False, peers)
            for years in (50, 100) if options.quick else (50, 100, 200, 400):
                bench.measure("years", 200, years, way, False, peers)
            bench.measure("cohort", 200, 100, way, True, peers)
    if options.csv:
        columns = list(dict.fromkeys(key for row in bench.rows for key in row))
        with open(options.csv, "w", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            for row in bench.rows:
                writer.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()})
    if options.plot:
        plot(bench.rows, options.plot, python)


if __name__ == "__main__":
    main()
