#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Monte Carlo of the model `families` (../uncertainty/make_cases.py) in numpy and scipy, four ways:

odym   one draw at a time as scripts around ODYM do it: scipy's survival function for every cohort
lean   one draw at a time, product by product: one survival curve, one product of vectors per year of a given
       stock, one convolution of the rest
arrays one draw at a time, all products at once: one survival table, one product of arrays per year
batch  numpy with the draws as a dimension, blocks of them in cache, percentiles of every cell in the end

    python3 -m venv build/peers && build/peers/bin/pip install numpy==2.4.6 scipy==1.17.1
    build/peers/bin/python bench/peers/families.py CASE [--way odym|lean|arrays|batch] [--draws N]

First all of them compute the same draws and must agree. Times are of few draws and say so; `batch` keeps all cells of
all draws, 22 kB per draw. --output FILE writes nominal values, means, deviations and quantiles of all cells.
"""
import argparse
import csv
import os
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
import numpy as np  # noqa: E402
from scipy.stats import weibull_min  # noqa: E402

YEARS, HISTORY = 51, 18
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTITIES = ("to_use", "end_of_life", "in_use.stock")
TOTALS = ("inflow_total", "outflow_total", "stock_total")


class Model:
    def __init__(self, case: Path):
        arrays = {}
        for line in (case / "numbers.txt").read_text().splitlines():
            name, _, *values = line.split()
            arrays[name] = np.array([float(value) for value in values])
        self.products = len(arrays["content"])
        self.stocked = len(arrays["saturation"])
        by_year = [arrays[name].reshape(self.products, HISTORY) for name in ("production", "exports", "imports")]
        last = np.concatenate([arrays["saturation"], arrays["growth"]])
        self.mean = np.concatenate([*(array.T.ravel() for array in by_year), arrays["content"] * 1e-6,
                                    arrays["adoption"], arrays["life_scale"], last])
        cv = np.repeat([0.02, 0.05, 0.10, 0.05, 0.10], [3 * HISTORY * self.products] + [self.products] * 4)
        self.deviation = cv * self.mean
        self.shape = arrays["life_shape"]
        self.powers = (np.arange(YEARS)[:, None] + 0.5) ** self.shape  # [age][product]
        ownership = np.exp(arrays["alpha"] * np.exp(np.outer(arrays["gdp"], arrays["beta"])))
        self.level = ownership * arrays["population"][:, None]  # [year][product with a given stock]

    def inputs(self, values: np.ndarray) -> tuple:
        """`values` is [input] or [input][draw]."""
        split = HISTORY * self.products
        tail = values.shape[1:]
        production, exports, imports = (values[i * split:(i + 1) * split].reshape(HISTORY, self.products, *tail)
                                        for i in range(3))
        content, adoption, life, last = (values[3 * split + i * self.products:3 * split + (i + 1) * self.products]
                                         for i in range(4))
        return production, exports, imports, content, adoption, life, last

    def odym(self, values: np.ndarray) -> np.ndarray:
        """Cells of one draw, [quantity][year][product]: cohort tables product by product."""
        production, exports, imports, content, adoption, life, last = self.inputs(values)
        result = np.zeros((3, YEARS, self.products))
        for p in range(self.products):
            survival = np.zeros((YEARS, YEARS))
            for c in range(YEARS):
                survival[c:, c] = weibull_min.sf(np.arange(YEARS - c) + 0.5, c=self.shape[p], loc=0, scale=life[p])
            inflow = np.zeros(YEARS)
            by_cohort = np.zeros((YEARS, YEARS))
            left = np.zeros((YEARS, YEARS))
            shift = 0.0
            for t in range(YEARS):
                if t < HISTORY:
                    inflow[t] = (production[t, p] - exports[t, p] + imports[t, p]) * content[p] * adoption[p]
                elif p < self.stocked:
                    level = last[p] * self.level[t, p] * content[p] * adoption[p]
                    inflow[t] = (level + shift - by_cohort[t, :t].sum()) / survival[t, t]
                else:
                    inflow[t] = inflow[t - 1] * (1 + last[p])
                by_cohort[t:, t] = inflow[t] * survival[t:, t]
                left[t, t] = inflow[t] - by_cohort[t, t]
                left[t, :t] = by_cohort[t - 1, :t] - by_cohort[t, :t]
                if t == HISTORY - 1 and p < self.stocked:
                    shift = by_cohort[t].sum() - last[p] * self.level[t, p] * content[p] * adoption[p]
            result[0, :, p] = inflow
            result[1, :, p] = left.sum(axis=1)
            result[2, :, p] = by_cohort.sum(axis=1)
        return result

    def lean(self, values: np.ndarray) -> np.ndarray:
        """Cells of one draw, [quantity][year][product]: curves and vectors product by product."""
        production, exports, imports, content, adoption, life, last = self.inputs(values)
        result = np.empty((3, YEARS, self.products))
        known = production - exports + imports
        for p in range(self.products):
            survival = np.exp(-self.powers[:, p] * life[p] ** -self.shape[p])
            losses = -np.diff(survival, prepend=1.0)
            turned = losses[::-1].copy()  # oldest first, as cohorts are
            material = content[p] * adoption[p]
            inflow = np.empty(YEARS)
            inflow[:HISTORY] = known[:, p] * material
            if p < self.stocked:
                rise = np.diff(last[p] * self.level[:, p] * material, prepend=0.0)
                for t in range(HISTORY, YEARS):
                    inflow[t] = (rise[t] + inflow[:t] @ turned[YEARS - 1 - t:YEARS - 1]) / survival[0]
            else:
                inflow[HISTORY:] = inflow[HISTORY - 1] * (1 + last[p]) ** np.arange(1, YEARS - HISTORY + 1)
            outflow = np.convolve(inflow, losses)[:YEARS]
            result[0, :, p] = inflow
            result[1, :, p] = outflow
            result[2, :, p] = np.cumsum(inflow - outflow)
        return result

    def arrays(self, values: np.ndarray) -> np.ndarray:
        """Cells of one draw, or of draws along the last axis: [quantity][year][product] or … [draw]."""
        production, exports, imports, content, adoption, life, last = self.inputs(values)
        tail = values.shape[1:]
        expand = (...,) + (None,) * len(tail)
        result = np.empty((3, YEARS, self.products, *tail))
        inflow, outflow, stock = result
        material = content * adoption
        inflow[:HISTORY] = (production - exports + imports) * material
        hazard = life ** -self.shape[expand]
        gone = -np.expm1(-self.powers[expand] * hazard)
        losses = np.diff(gone, axis=0, prepend=0)
        turned = losses[::-1]  # oldest first, as cohorts are
        kept = 1 / (1 - losses[0, :self.stocked])
        rise = np.diff(self.level, axis=0, prepend=0)[expand]
        factor = last[:self.stocked] * material[:self.stocked]
        growth = 1 + last[self.stocked:]
        sums = "cp,cp->p" if not tail else "cpn,cpn->pn"
        for t in range(YEARS):
            carried = np.einsum(sums, inflow[:t], turned[YEARS - 1 - t:YEARS - 1])
            if t >= HISTORY:
                inflow[t, :self.stocked] = (factor * rise[t] + carried[:self.stocked]) * kept
                inflow[t, self.stocked:] = inflow[t - 1, self.stocked:] * growth
            outflow[t] = carried + inflow[t] * losses[0]
        np.cumsum(inflow - outflow, axis=0, out=stock)
        return result

    def draw(self, chance: np.random.Generator, count: int | None = None) -> np.ndarray:
        if count is None:
            return self.mean + self.deviation * chance.standard_normal(self.mean.size)
        return self.mean[:, None] + self.deviation[:, None] * chance.standard_normal((self.mean.size, count))


def with_totals(cells: np.ndarray) -> np.ndarray:
    """[quantity][year][product and total]…"""
    return np.concatenate([cells, cells.sum(axis=2, keepdims=True)], axis=2)


def one_at_a_time(model: Model, compute, chance, draws: int) -> np.ndarray:
    kept = np.empty((3, YEARS, model.products + 1, draws))
    for n in range(draws):
        kept[..., n] = with_totals(compute(model.draw(chance)))
    return kept


def in_blocks(model: Model, chance, draws: int, block: int = 64) -> np.ndarray:
    kept = np.empty((3, YEARS, model.products + 1, draws))
    for first in range(0, draws, block):
        count = min(block, draws - first)
        kept[..., first:first + count] = with_totals(model.arrays(model.draw(chance, count)))
    return kept


def agree(model: Model) -> None:
    values = model.draw(np.random.default_rng(1), 3)
    values[:, 0] = model.mean
    batch = model.arrays(values)
    for n in range(values.shape[1]):
        for name, other in (("odym", model.odym(values[:, n])), ("lean", model.lean(values[:, n])),
                            ("arrays", model.arrays(values[:, n]))):
            difference = np.max(np.abs(other - batch[..., n]) / np.max(batch[..., n], axis=1, keepdims=True))
            if not difference < 1e-10:
                sys.exit(f"{name} differs from batch by {difference:g}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", type=Path)
    parser.add_argument("--way", choices=("odym", "lean", "arrays", "batch"))
    parser.add_argument("--draws", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    model = Model(options.case)
    agree(model)
    for way, usual in (("odym", 20), ("lean", 200), ("arrays", 500), ("batch", 10_000)):
        if options.way not in (None, way):
            continue
        draws = options.draws or usual
        chance = np.random.default_rng(options.seed)
        start = time.perf_counter()
        if way == "batch":
            kept = in_blocks(model, chance, draws)
        else:
            kept = one_at_a_time(model, getattr(model, way), chance, draws)
        moments = time.perf_counter()
        mean = kept.mean(axis=-1)
        # row by row: the whole at once makes copies that leave the cache
        deviation = np.array([row.std(ddof=1) for row in kept.reshape(-1, draws)]).reshape(mean.shape)
        summed = time.perf_counter()
        quantiles = np.quantile(kept, LEVELS, axis=-1)
        end = time.perf_counter()
        print(f"{way} draws {draws} µs/draw {(end - start) / draws * 1e6:.1f} of which drawing and computing "
              f"{(moments - start) / draws * 1e6:.1f} moments {(summed - moments) / draws * 1e6:.1f} "
              f"quantiles {(end - summed) / draws * 1e6:.1f}", flush=True)
        if options.output:
            write(model, mean, deviation, quantiles, options.output)


def write(model: Model, mean: np.ndarray, deviation: np.ndarray, quantiles: np.ndarray, path: Path) -> None:
    nominal = with_totals(model.arrays(model.mean))
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["quantity", "label", "year", "nominal", "mean", "sd", "q05", "q25", "q50", "q75", "q95"])
        for q in range(3):
            for p in range(model.products + 1):
                name, label = (QUANTITIES[q], p) if p < model.products else (TOTALS[q], "")
                for t in range(YEARS):
                    at = (q, t, p)
                    writer.writerow([name, label, t, *(repr(float(array[at])) for array in (nominal, mean, deviation)),
                                     *(repr(float(quantiles[(level, *at)])) for level in range(len(LEVELS)))])


if __name__ == "__main__":
    main()
