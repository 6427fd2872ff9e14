#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes with flodym what the checkpoints of the cases here say of it, and compares. Last run with flodym 1.1.0, numpy
2.4.6 and scipy 1.17.1:

    python3 -m venv peers && peers/bin/pip install flodym==1.1.0 numpy==2.4.6 scipy==1.17.1
    peers/bin/python examples/migrating/flodym_numbers.py
"""
import csv
import logging
import sys
import warnings
from pathlib import Path

import flodym
import numpy as np

HERE = Path(__file__).resolve().parent
logging.disable(logging.WARNING)
warnings.simplefilter("ignore")


def stock_of(kind, years, given, family, **options):
    time = flodym.Dimension(name="time", letter="t", items=years, dtype=int)
    dims = flodym.DimensionSet(dim_list=[time])
    model = kind(dims=dims, lifetime_model=family(dims=dims, **options))
    (model.stock if kind is flodym.StockDrivenDSM else model.inflow).values[...] = given
    model.compute()
    return model


def published(case):
    cells = {}
    with open(HERE / case / "checkpoints.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cells.setdefault(row["what"], []).append(float(row["value"]))
    return cells


def main() -> None:
    by_inflow, by_stock = flodym.InflowDrivenDSM, flodym.StockDrivenDSM
    weibull = flodym.WeibullLifetime
    rising = [float(k) for k in range(1, 11)]
    years = list(range(2001, 2011))
    usual = {"weibull_scale": 5.6, "weibull_shape": 3.0}
    long = {"weibull_scale": 20.0, "weibull_shape": 3.0, "inflow_at": "end"}
    five, uneven = list(range(2005, 2046, 5)), [2000, 2002, 2004, 2006, 2016, 2026, 2036]
    growing = 4 + 0.5 * np.arange(10)
    models = {
        "flodym": {
            "in_middle": stock_of(by_inflow, years, rising, weibull, **usual),
            "at_start": stock_of(by_inflow, years, rising, weibull, inflow_at="start", **usual),
            "at_end": stock_of(by_inflow, years, rising, weibull, inflow_at="end", **usual),
            "spread": stock_of(by_inflow, years, rising, weibull, n_pts_per_interval=5, **usual),
            "of_lognormal": stock_of(by_inflow, years, rising, flodym.LogNormalLifetime, mean=5.0, std=1.5),
            "needed": stock_of(by_stock, years, rising, weibull, **usual),
            "improving": stock_of(by_inflow, years, rising, weibull, weibull_scale=growing, weibull_shape=3.0)},
        "five-years": {
            "made": stock_of(by_inflow, five, [10.0] * 9, weibull, **long),
            "needed": stock_of(by_stock, five, [10.0 * k for k in range(1, 10)], weibull, **long)},
        "flodym-uneven": {
            "made": stock_of(by_inflow, uneven, [10.0] * 7, weibull, **long),
            "needed": stock_of(by_stock, uneven, [10.0 * k for k in range(1, 8)], weibull, **long)}}
    compared, worst = 0, 0.0
    for case, stocks in models.items():
        for what, values in published(case).items():
            name, _, part = what.removeprefix("flodym_outflow_of_").partition(".")
            if name not in stocks:
                continue
            ours = getattr(stocks[name], part or "outflow").values
            worst = max(worst, float(np.max(np.abs(ours - values))))
            compared += len(values)
    print(f"flodym {getattr(flodym, '__version__', '')}: {compared} checkpoints, largest difference {worst:.1e}")

    print("\nWhere it does not balance, inflow less outflow less change of stock, amounts per period:")
    for case, stocks in models.items():
        for name, model in stocks.items():
            length = model.lifetime_model._t.interval_lengths
            gap = (model.inflow.values - model.outflow.values) * length - np.diff(model.stock.values, prepend=0)
            cohorts = model.get_stock_by_cohort().sum(axis=1)
            if np.max(np.abs(gap)) > 1e-9:
                print(f"{case}, {name}: {gap.round(2).tolist()}")
            if np.max(np.abs(cohorts - model.stock.values)) > 1e-9:
                print(f"{case}, {name}: stock {model.stock.values.tolist()}, by cohort {cohorts.round(2).tolist()}")
            try:
                model.check_stock_balance()
            except RuntimeError as error:
                print(f"{case}, {name}: its check says: {error}")
    nothing = stock_of(by_stock, [2001, 2002, 2003], [10.0] * 3, flodym.FixedLifetime, mean=0.4)
    print(f"\nnothing-survives: inflow {nothing.inflow.values.tolist()}, outflow {nothing.outflow.values.tolist()}")
    if worst > 1e-11:
        sys.exit("the checkpoints are not flodym's numbers")


if __name__ == "__main__":
    main()
