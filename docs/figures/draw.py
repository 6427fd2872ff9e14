#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the cases beside it with Lode and draws the figures of docs/stocks.md from the tables that it writes.

matplotlib comes from PyPI, pinned below, into an environment of its own (--venv); its version stands in no figure. The
colours are Okabe and Ito's, which differ in lightness too; every curve also has a dash pattern or a marker.

    docs/figures/draw.py [--lode build/release/lode] [--venv build/figures] [--png FOLDER]
"""
import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ["matplotlib==3.10.7", "numpy==2.4.6"]
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")


class Results:
    def __init__(self, lode: Path, case: str, folder: Path):
        out = folder / case
        done = subprocess.run([lode, "run", HERE / "cases" / case, "--csv", "-o", out], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{case}: {done.stdout}{done.stderr}")
        self.csv = out / "csv"

    def rows(self, name: str) -> list[dict]:
        with open(self.csv / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def series(self, name: str):
        rows = [row for row in self.rows(name) if row["value"] != ""]
        return [int(row["time"]) for row in rows], [float(row["value"]) for row in rows]

    def number(self, name: str) -> float:
        return float(self.rows(name)[0]["value"])


def figure(plt, columns=1, height=3.1):
    fig, axes = plt.subplots(1, columns, figsize=(6.9 if columns > 1 else 5.2, height), layout="constrained")
    for axis, letter in zip(fig.axes, "abc" if columns > 1 else ""):
        axis.set_title(letter, loc="left", fontweight="bold")
    return fig, axes


def survival(plt, run):
    r = run("families")
    fig, axis = figure(plt)
    for name, label, colour, dash in [
            ("fixed", "fixed", BLACK, "-"), ("normal", "normal", BLUE, "-"), ("weibull", "Weibull", RED, (0, (6, 2))),
            ("gompertz", "Gompertz", PURPLE, (0, (3, 1, 1, 1))), ("lognormal", "lognormal", GREEN, (0, (1, 1))),
            ("uniform", "uniform", SKY, (0, (8, 2, 2, 2))), ("exponential", "exponential", ORANGE, (0, (4, 1.5)))]:
        years, values = r.series(f"of_{name}.stock")
        ages = [year - 2000 for year in years]
        axis.plot(ages, values, color=colour, linestyle=dash, label=label,
                  drawstyle="steps-post" if name == "fixed" else "default")
    axis.set(xlabel="Age (yr)", ylabel="Share still in use", xlim=(0, 50), ylim=(0, 1.03))
    axis.legend(loc="upper right")
    return fig


def conventions(plt, run):
    r = run("conventions")
    fig, (left, right) = figure(plt, 2, height=3.3)
    for name, label, colour, style in [
            ("at_start", "start", ORANGE, dict(marker="v")), ("at_middle", "middle", BLUE, dict(marker="o")),
            ("spread", "spread", GREEN, dict(marker="x", linestyle="none", markersize=6)),
            ("at_end", "end", RED, dict(marker="s")),
            ("by_density", "end, by density", BLACK, dict(marker="d", markerfacecolor="white", linestyle="--"))]:
        for axis, part in ((left, "outflow"), (right, "stock")):
            years, values = r.series(f"{name}.{part}")
            axis.plot(years, values, color=colour, label=label, **{"markersize": 4, **style})
    left.set(xlabel="Year", ylabel="Outflow (t/yr)", ylim=(-0.3, 10.9))
    right.set(xlabel="Year", ylabel="Stock at the end of the year (t)", ylim=(-1.5, 42))
    for axis in (left, right):
        axis.set(xlim=(2000.5, 2015.5), xticks=[2001, 2005, 2010, 2015])
    fig.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return fig


def halving(plt, run):
    import math

    # The integral of e^(0.05 c) exp(-((64 - c)/30)^3) from 0 to 64, by Simpson's rule in 2^16 parts.
    parts = 2 ** 16
    value = [math.exp(0.05 * 64 * k / parts - (64 * (1 - k / parts) / 30) ** 3) for k in range(parts + 1)]
    exact = (value[0] + value[-1] + 4 * sum(value[1:-1:2]) + 2 * sum(value[2:-1:2])) * 64 / parts / 3
    steps = {1: run("halving/one"), 2: run("halving/two"), 4: run("halving/four"), 8: run("halving/eight")}
    fig, axis = figure(plt)
    for name, label, colour, marker in [("at_start", "start", ORANGE, "v"), ("at_end", "end", RED, "s"),
                                        ("spread", "spread, 5 points", GREEN, "^"), ("at_middle", "middle", BLUE, "o")]:
        errors = [abs(r.series(f"{name}.stock")[1][-1] / exact - 1) for r in steps.values()]
        print("halving", name, exact, ["%.3g" % e for e in errors])
        axis.loglog(list(steps), errors, color=colour, marker=marker, markersize=5, label=label)
    for order, height in ((1, 0.004), (2, 1.3e-5)):
        ends = (1, 8)
        axis.loglog(ends, [height * end ** order for end in ends], color="#777777", linestyle=":", linewidth=1)
        axis.annotate(f"slope {order}", (3.2, height * 3.2 ** order), xytext=(4, -9), textcoords="offset points",
                      color="#555555")
    axis.set(xlabel="Length of a step (yr)", ylabel="Relative error of the stock", xticks=[1, 2, 4, 8],
             xticklabels=["1", "2", "4", "8"], ylim=(8e-6, 0.3))
    axis.minorticks_off()
    axis.legend(loc="lower right")
    return fig


def falling(plt, run):
    r = run("falling")
    fig, (left, right) = figure(plt, 2, height=3.2)
    for name, label, colour, style in [
            ("oldest_first", "oldest-first", RED, dict(marker="s")),
            ("proportional", "proportional", BLUE, dict(marker="o")),
            ("scale_hazard", "scale-hazard", GREEN, dict(marker="^")),
            ("allowed", "allow", BLACK, dict(marker="x", linestyle="--"))]:
        years, values = r.series(f"{name}.inflow")
        left.plot(years, values, color=colour, label=label, markersize=4, **style)
        ages = [(2017 - int(row["cohort"]), float(row["value"])) for row in r.rows(f"{name}.cohorts.stock")
                if row["time"] == "2017" and int(row["cohort"]) <= 2015]
        right.plot(*zip(*ages), color=colour, markersize=4, **style)
    left.axhline(0, color="#777777", linewidth=0.8)
    left.set(xlabel="Year", ylabel="Inflow (items/yr)", xlim=(2009.5, 2030.5))
    right.set(xlabel="Years since the year of entry, in 2017", ylabel="In stock at the end of 2017 (items)",
              xlim=(1.5, 16.5), ylim=(-1, 38), xticks=range(2, 17, 2))
    left.legend(loc="lower right")
    return fig


def carried(plt, run):
    r = run("carried")
    fig, (left, right) = figure(plt, 2)
    years, content = r.series("content")
    left.plot(years, content, color=BLACK)
    left.set(xlabel="Year of entry", ylabel=f"Indium in a phone ({r.rows('content')[0]['unit'].split('/')[0]})",
             ylim=(0, None))
    for name, place, colour, style in [
            ("by_year_of_entry", (2020.2, 2600), BLUE, dict(marker="o")),
            ("by_content_of_the_year", (2013.6, 560), RED, dict(marker="s", linestyle="--"))]:
        years, values = r.series(name)
        unit = r.rows(name)[0]["unit"]
        scale = {"t/yr": 1000, "kg/yr": 1}[unit]
        right.plot(years, [v * scale for v in values], color=colour, markersize=3.5, **style)
        right.annotate("content of the\nyear of " + ("entry" if "entry" in name else "leaving"), place, color=colour)
        print("carried", name, unit, dict(zip(years, (round(v * scale) for v in values))))
    right.set(xlabel="Year", ylabel="Indium in discarded phones (kg/yr)", ylim=(0, 3300))
    return fig


def first(plt, run):
    r = run("first")
    fig, (left, right) = figure(plt, 2)
    for name, label, colour, dash in [("listed", "inflow since 1960", BLUE, "-"),
                                      ("steady", "total, steady ages", GREEN, (0, (6, 2))),
                                      ("nothing", "none", RED, (0, (2, 1.2)))]:
        for axis, part in ((left, "stock"), (right, "outflow")):
            axis.plot(*r.series(f"{name}.{part}"), color=colour, linestyle=dash, label=label)
    left.set(xlabel="Year", ylabel="Stock at the end of the year (t)", ylim=(0, None), xlim=(2000, 2040))
    right.set(xlabel="Year", ylabel="Outflow (t/yr)", ylim=(0, 70), xlim=(2000, 2040))
    right.legend(loc="lower right", title="First stock")
    return fig


def logistic(plt, run):
    r = run("logistic")
    fig, (upper, lower) = plt.subplots(2, 1, figsize=(5.2, 4), layout="constrained", sharex=True,
                                       gridspec_kw={"height_ratios": [2.4, 1]})
    years, values = r.series("owned")
    upper.plot(years, values, color=BLUE, label="fitted logistic curve")
    upper.plot(*r.series("survey"), "o", color=BLACK, markerfacecolor="white", label="points")
    ceiling = r.number("ceiling")
    upper.axhline(ceiling, color="#777777", linestyle=":", linewidth=1)
    upper.annotate("ceiling", (1990.5, ceiling), xytext=(0, -10), textcoords="offset points", color="#555555")
    upper.set(ylabel="Owned (items/person)", ylim=(0, 1.25), xlim=(1990, 2030))
    upper.legend(loc="lower right")
    lower.axhline(0, color="#777777", linewidth=0.8)
    years, values = r.series("solve.curve.residual")
    lower.vlines(years, 0, values, color=BLACK, linewidth=1)
    lower.plot(years, values, "o", color=BLACK, markerfacecolor="white")
    lower.set(xlabel="Year", ylabel="Curve − point\n(items/person)", ylim=(-0.06, 0.06))
    fig.align_ylabels()
    return fig


def shared_style(group) -> str:
    """A group of markers that all have one style."""
    styles = set(re.findall(r' style="[^"]*"', group[2]))
    if len(styles) != 1 or group[2].count(" style=") != group[2].count("<use "):
        return group[0]
    style = styles.pop()
    return f"{group[1]}{style}>\n{group[2].replace(style, '')}</g>"


def draw(options) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({
        "font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10, "axes.spines.top": False,
        "axes.spines.right": False, "axes.linewidth": 0.8, "lines.linewidth": 1.5, "legend.frameon": False,
        "legend.fontsize": 8.5, "svg.hashsalt": "lode", "svg.fonttype": "path", "path.simplify": False})
    with tempfile.TemporaryDirectory() as folder:
        for make in (survival, conventions, halving, falling, carried, first, logistic):
            fig = make(plt, lambda case: Results(options.lode, case, Path(folder)))
            target = HERE / f"{make.__name__}.svg"
            fig.savefig(target, metadata={"Date": None, "Creator": None})
            text = re.sub(r"^[ \t]+|[ \t]+$", "", target.read_text(), flags=re.MULTILINE)
            text = re.sub(r"(?<=[ \"])-?\d+\.\d{3,}(?=[ \"\n])", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), text)
            text = re.sub(r"(<g clip-path=\S+)>\n((?:<use [^>]*/>\n)+)</g>", shared_style, text)
            target.write_text(text)
            if options.png:
                fig.savefig(Path(options.png) / f"{make.__name__}.png", dpi=130)
            plt.close(fig)
            print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lode", type=lambda path: Path(path).resolve(), default=ROOT / "build/release/lode")
    parser.add_argument("--venv", type=lambda path: Path(path).resolve(), default=ROOT / "build/figures")
    parser.add_argument("--png", help="a folder for PNG files to look at")
    options = parser.parse_args()
    python = options.venv / "bin/python"
    if Path(sys.prefix) != options.venv:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", options.venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES], check=True)
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    draw(options)


if __name__ == "__main__":
    main()
