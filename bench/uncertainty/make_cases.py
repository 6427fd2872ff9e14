#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the four declared models that Monte Carlo runs are measured with: make_cases.py FOLDER

families  17 product families, 2000-2050, 986 uncertain inputs, 8 of the products driven by their stock from 2018 on
loops     a metal that returns to its smelter within the year and one year later, 696 uncertain inputs
entries   8 products whose lifetimes differ by year of entry, every one of them uncertain
labels    100 products in 10 categories over 26 years

Each folder is a case: model.yaml and tables. numbers.txt beside them holds the same values for programs that do not
read cases, one array per line: its name, its count, its values, the last dimension fastest. The values are made up and
the same on every run.
"""
import math
import random
import sys
from pathlib import Path

QUALITY = """quality:
  assay: {normal: {cv: 0.5 %}}
  statistics: {normal: {cv: 2 %}}
  literature: {normal: {cv: 5 %}}
  assumption: {normal: {cv: 10 %}}
"""


def rounded(value: float) -> float:
    return float(f"{value:.6g}")


class Case:
    def __init__(self, folder: Path, name: str):
        self.folder = folder / name
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self.numbers = []

    def number(self, name: str, values: list[float]) -> None:
        self.numbers.append(f"{name} {len(values)} " + " ".join(repr(value) for value in values))

    def table(self, name: str, header: list[str], rows: list[tuple]) -> None:
        lines = [",".join(header)] + [",".join(str(cell) for cell in row) for row in rows]
        (self.folder / "data" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def by_label(self, name: str, dimension: str, values: dict[str, float]) -> None:
        self.table(name, [dimension, "value"], list(values.items()))
        self.number(name, list(values.values()))

    def by_year(self, name: str, values: dict[int, float]) -> None:
        self.table(name, ["time", "value"], list(values.items()))
        self.number(name, list(values.values()))

    def by_label_and_year(self, name: str, dimension: str, values: dict[tuple[str, int], float]) -> None:
        self.table(name, ["time", dimension, "value"], [(year, label, v) for (label, year), v in values.items()])
        self.number(name, list(values.values()))

    def finish(self, model: str) -> None:
        (self.folder / "model.yaml").write_text(model, encoding="utf-8")
        (self.folder / "numbers.txt").write_text("\n".join(self.numbers) + "\n", encoding="utf-8")


def growth_path(chance: random.Random, first: float, rate: float, years: list[int], wobble: float) -> list[float]:
    return [rounded(first * (1 + rate) ** (year - years[0]) * (1 + wobble * chance.uniform(-1, 1))) for year in years]


def drivers(case: Case, years: list[int]) -> None:
    """Population and income per head, known for certain."""
    case.by_year("population", {t: rounded(1.27e9 + 1.5e8 * math.sin(math.pi * (t - 2000) / 70)) for t in years})
    case.by_year("gdp", {t: rounded(3000 * 1.05 ** (t - 2000)) for t in years})


def saturation(items: float, alpha: float, beta: float, gdp_2017: float, population_2017: float) -> float:
    """The ownership at saturation with which the stock of 2017 is about `items`."""
    return rounded(items / population_2017 / math.exp(alpha * math.exp(beta * gdp_2017)))


def families(folder: Path) -> None:
    case, chance = Case(folder, "families"), random.Random(17)
    years, history = list(range(2000, 2051)), list(range(2000, 2018))
    products = {f"p{i:02}": "stock" if i <= 8 else "growth" for i in range(1, 18)}
    case.table("products", ["label", "method"], list(products.items()))
    production, exports, imports = {}, {}, {}
    for p in products:
        path = growth_path(chance, chance.uniform(2e6, 2e8), chance.uniform(0.03, 0.12), history, 0.03)
        out_share, in_share = chance.uniform(0.1, 0.4), chance.uniform(0.02, 0.1)
        for t, made in zip(history, path):
            production[p, t] = made
            exports[p, t] = rounded(made * out_share * chance.uniform(0.9, 1.1))
            imports[p, t] = rounded(made * in_share * chance.uniform(0.9, 1.1))
    case.by_label_and_year("production", "product", production)
    case.by_label_and_year("exports", "product", exports)
    case.by_label_and_year("imports", "product", imports)
    case.by_label("content", "product", {p: rounded(chance.uniform(2, 300)) for p in products})
    case.by_label("adoption", "product", {p: rounded(chance.uniform(0.1, 0.7)) for p in products})
    scale = {p: rounded(chance.uniform(7, 22)) for p in products}
    case.by_label("life_scale", "product", scale)
    case.by_label("life_shape", "product", {p: rounded(chance.uniform(1.6, 3.8)) for p in products})
    stocked = [p for p, method in products.items() if method == "stock"]
    drivers(case, years)
    alpha = {p: rounded(-chance.uniform(2.5, 5)) for p in stocked}
    beta = {p: rounded(-chance.uniform(8e-5, 2e-4)) for p in stocked}
    population = 1.27e9 + 1.5e8 * math.sin(math.pi * 17 / 70)
    case.by_label("saturation", "product",
                  {p: saturation((production[p, 2017] - exports[p, 2017] + imports[p, 2017]) * 0.7 * scale[p],
                                 alpha[p], beta[p], 3000 * 1.05 ** 17, population) for p in stocked})
    case.by_label("alpha", "product", alpha)
    case.by_label("beta", "product", beta)
    case.by_label("growth", "product",
                  {p: rounded(chance.uniform(0.01, 0.05)) for p, method in products.items() if method == "growth"})
    case.finish("""lode: 1
title: 17 product families
substance: Nd
time: {first: 2000, last: 2050}
defaults: {over: [time], flow: t/yr, stock: t}
dimensions:
  product: {table: data/products.csv}
when:
  history: time <= 2017
  saturating: time > 2017 and product.method = stock
  growing: time > 2017 and product.method = growth
  stocked: product.method = stock
  grown: product.method = growth
""" + QUALITY + """parameters:
  production: {over: [time, product], unit: item/yr, table: data/production.csv, where: history, quality: statistics}
  exports: {over: [time, product], unit: item/yr, table: data/exports.csv, where: history, quality: statistics}
  imports: {over: [time, product], unit: item/yr, table: data/imports.csv, where: history, quality: statistics}
  content: {over: [product], unit: g/item, table: data/content.csv, quality: literature}
  adoption: {over: [product], unit: 1, table: data/adoption.csv, quality: assumption}
  life_scale: {over: [product], unit: yr, table: data/life_scale.csv, quality: literature}
  life_shape: {over: [product], unit: 1, table: data/life_shape.csv}
  population: {over: [time], unit: person, table: data/population.csv}
  gdp: {over: [time], unit: USD/(person yr), table: data/gdp.csv}
  saturation: {over: [product], unit: item/person, table: data/saturation.csv, where: stocked, quality: assumption}
  alpha: {over: [product], unit: 1, table: data/alpha.csv, where: stocked}
  beta: {over: [product], unit: person yr/USD, table: data/beta.csv, where: stocked}
  growth: {over: [product], unit: 1/yr, table: data/growth.csv, where: grown, quality: assumption}
processes:
  market: {outside: true}
  use: {}
  waste: {outside: true}
flows:
  to_use: {from: market, to: use, over: [time, product]}
  end_of_life: {from: use, to: waste, over: [time, product]}
stocks:
  in_use:
    process: use
    over: [time, product]
    inflow: to_use
    outflow: end_of_life
    lifetime: {weibull: {scale: life_scale, shape: life_shape}}
    join: shift
    stock:
      saturating: gompertz(gdp, saturation = saturation, alpha = alpha, beta = beta) * population * content * adoption
equations:
  to_use:
    history: (production - exports + imports) * content * adoption
    saturating: in_use.inflow
    growing: prev(to_use) * compound(growth)
  inflow_total: sum(to_use over product)
  outflow_total: sum(end_of_life over product)
  stock_total: sum(in_use.stock over product)
""")


def loops(folder: Path) -> None:
    case, chance = Case(folder, "loops"), random.Random(6)
    years = list(range(2000, 2051))
    products = ["cable", "motor", "tube", "appliance", "vehicle", "other"]
    case.table("products", ["label"], [(p,) for p in products])
    case.by_year("ore", dict(zip(years, growth_path(chance, 4.0e6, 0.025, years, 0.02))))
    case.number("smelting_yield", [0.975])
    case.number("anode_share", [0.15])
    case.number("slag_recovery", [0.4])
    weight, collection = {}, {}
    for p in products:
        first, drift = chance.uniform(1, 4), chance.uniform(-0.01, 0.02)
        early, late = chance.uniform(0.2, 0.4), chance.uniform(0.5, 0.7)
        for t in years:
            weight[p, t] = rounded(first * (1 + drift * (t - 2000)))
            collection[p, t] = rounded(early + (late - early) * (t - 2000) / 50)
    case.by_label_and_year("weight", "product", weight)
    case.by_label_and_year("collection", "product", collection)
    case.by_label("fabrication_yield", "product", {p: rounded(chance.uniform(0.75, 0.9)) for p in products})
    case.by_label("direct_share", "product", {p: rounded(chance.uniform(0.04, 0.08)) for p in products})
    case.by_label("dismantling_yield", "product", {p: rounded(chance.uniform(0.7, 0.9)) for p in products})
    case.by_label("to_smelter", "product", {p: rounded(chance.uniform(0.3, 0.6)) for p in products})
    case.by_label("life_scale", "product", {p: rounded(chance.uniform(4, 35)) for p in products})
    case.by_label("life_shape", "product", {p: rounded(chance.uniform(1.5, 3)) for p in products})
    case.finish("""lode: 1
title: A metal that returns to its smelter
substance: Cu
time: {first: 2000, last: 2050}
defaults: {over: [time], flow: t/yr, stock: t}
dimensions:
  product: {table: data/products.csv}
""" + QUALITY + """parameters:
  ore: {over: [time], unit: t/yr, table: data/ore.csv, quality: statistics}
  smelting_yield: {value: 97.5 %, quality: assay}
  anode_share: {value: 15 %, quality: assumption}
  slag_recovery: {value: 40 %, quality: assumption}
  weight: {over: [time, product], unit: 1, table: data/weight.csv, quality: literature}
  collection: {over: [time, product], unit: 1, table: data/collection.csv, quality: literature}
  fabrication_yield: {over: [product], unit: 1, table: data/fabrication_yield.csv, quality: assay}
  direct_share: {over: [product], unit: 1, table: data/direct_share.csv, quality: assumption}
  dismantling_yield: {over: [product], unit: 1, table: data/dismantling_yield.csv, quality: statistics}
  to_smelter: {over: [product], unit: 1, table: data/to_smelter.csv, quality: literature}
  life_scale: {over: [product], unit: yr, table: data/life_scale.csv, quality: literature}
  life_shape: {over: [product], unit: 1, table: data/life_shape.csv}
processes:
  mine: {outside: true}
  environment: {outside: true}
  smelting: {transfer: {anodes: smelting_yield, slag: rest}}
  refining: {transfer: {anode_scrap: anode_share, cathodes: rest}}
  heap: {}
  pool: {}
  fabrication: {over: [product], transfer: {sales: fabrication_yield, direct_scrap: direct_share, smelter_scrap: rest}}
  use: {}
  collecting: {over: [product]}
  yard: {}
flows:
  concentrate: {from: mine, to: smelting}
  anodes: {from: smelting, to: refining}
  slag: {from: smelting, to: heap}
  slag_returned: {from: heap, to: smelting}
  anode_scrap: {from: refining, to: smelting}
  cathodes: {from: refining, to: pool}
  yard_scrap: {from: yard, to: pool}
  to_fabrication: {from: pool, to: fabrication, over: [time, product]}
  sales: {from: fabrication, to: use, over: [time, product]}
  direct_scrap: {from: fabrication, to: pool, over: [time, product]}
  smelter_scrap: {from: fabrication, to: smelting, over: [time, product]}
  end_of_life: {from: use, to: collecting, over: [time, product]}
  old_scrap: {from: collecting, to: smelting, over: [time, product]}
  stored: {from: collecting, to: yard, over: [time, product]}
  lost: {from: collecting, to: environment, over: [time, product]}
stocks:
  in_use:
    process: use
    over: [time, product]
    inflow: sales
    outflow: end_of_life
    lifetime: {weibull: {scale: life_scale, shape: life_shape}}
  heaped: {process: heap, inflow: slag, outflow: slag_returned}
  yarded: {process: yard, change: residual(yard)}
equations:
  concentrate: ore
  slag_returned: slag_recovery * prev(slag, first = 0)
  to_fabrication: share(weight over product) * (cathodes + yard_scrap + sum(direct_scrap over product))
  old_scrap: collection * dismantling_yield * to_smelter * end_of_life
  stored: collection * dismantling_yield * (1 - to_smelter) * end_of_life
  yard_scrap: prev(sum(stored over product), first = 0)
  lost: residual(collecting)
""")


def entries(folder: Path) -> None:
    case, chance = Case(folder, "entries"), random.Random(8)
    years, history = list(range(2000, 2051)), list(range(2000, 2018))
    products = {f"e{i}": "stock" if i <= 3 else "inflow" for i in range(1, 9)}
    case.table("products", ["label", "method"], list(products.items()))
    stocked = [p for p, method in products.items() if method == "stock"]
    sales, life, level = {}, {}, {}
    for p, method in products.items():
        path = growth_path(chance, chance.uniform(1e5, 1e6), chance.uniform(0.02, 0.06), years, 0.03)
        begin, change = chance.uniform(8, 18), chance.uniform(-0.2, 0.4)
        for t, amount in zip(years, path):
            if method == "inflow" or t <= 2017:
                sales[p, t] = amount
            life[p, t] = rounded(begin * (1 + change * (t - 2000) / 50))
        if method == "stock":
            for t in range(2017, 2051):
                level[p, t] = rounded(path[17] * 0.6 * begin * (1.6 - 0.6 * math.exp(-(t - 2017) / 15)))
    # Sales by product, those to 2017 before those to 2050.
    case.by_label_and_year("sales", "product", sales)
    case.by_label_and_year("life_scale", "product", life)
    case.by_label("life_shape", "product", {p: rounded(chance.uniform(1.8, 3.5)) for p in products})
    case.by_label_and_year("level", "product", level)
    case.by_label("reach", "product", {p: rounded(chance.uniform(0.9, 1.1)) for p in stocked})
    case.by_label("content", "product", {p: rounded(chance.uniform(0.05, 0.3)) for p in products})
    case.finish("""lode: 1
title: Lifetimes by year of entry
substance: Al
time: {first: 2000, last: 2050}
defaults: {over: [time], flow: t/yr, stock: t}
dimensions:
  product: {table: data/products.csv}
when:
  stocked: product.method = stock
  given: time <= 2017 or product.method = inflow
  levelled: time > 2017 and product.method = stock
  with_level: time >= 2017 and product.method = stock
""" + QUALITY + """parameters:
  sales: {over: [time, product], unit: item/yr, table: data/sales.csv, where: given, quality: statistics}
  life_scale: {over: [time, product], unit: yr, table: data/life_scale.csv, quality: literature}
  life_shape: {over: [product], unit: 1, table: data/life_shape.csv}
  level: {over: [time, product], unit: item, table: data/level.csv, where: with_level}
  reach: {over: [product], unit: 1, table: data/reach.csv, where: stocked, quality: assumption}
  content: {over: [product], unit: t/item, table: data/content.csv, quality: literature}
processes:
  market: {outside: true}
  use: {}
  waste: {outside: true}
flows:
  to_use: {from: market, to: use, over: [time, product]}
  end_of_life: {from: use, to: waste, over: [time, product]}
stocks:
  in_use:
    process: use
    over: [time, product]
    inflow: to_use
    outflow: end_of_life
    lifetime: {weibull: {scale: life_scale, shape: life_shape}}
    join: shift
    stock:
      levelled: level * reach * content
equations:
  to_use:
    given: sales * content
    levelled: in_use.inflow
  inflow_total: sum(to_use over product)
  outflow_total: sum(end_of_life over product)
  stock_total: sum(in_use.stock over product)
""")


def labels(folder: Path) -> None:
    case, chance = Case(folder, "labels"), random.Random(100)
    years = list(range(2000, 2026))
    products = {f"q{i:03}": f"c{i // 10}" for i in range(100)}
    case.table("products", ["label", "category"], list(products.items()))
    production = {}
    for p in products:
        path = growth_path(chance, chance.uniform(1e5, 1e7), chance.uniform(0.0, 0.1), years, 0.03)
        production |= {(p, t): amount for t, amount in zip(years, path)}
    case.by_label_and_year("production", "product", production)
    case.by_label("content", "product", {p: rounded(chance.uniform(2, 300)) for p in products})
    case.by_label("adoption", "product", {p: rounded(chance.uniform(0.1, 0.7)) for p in products})
    case.by_label("life_scale", "product", {p: rounded(chance.uniform(4, 20)) for p in products})
    case.by_label("life_shape", "product", {p: rounded(chance.uniform(1.6, 3.8)) for p in products})
    case.finish("""lode: 1
title: 100 products
substance: Nd
time: {first: 2000, last: 2025}
defaults: {over: [time], flow: t/yr, stock: t}
dimensions:
  product: {table: data/products.csv}
  category: {groups: product}
""" + QUALITY + """parameters:
  production: {over: [time, product], unit: item/yr, table: data/production.csv, quality: statistics}
  content: {over: [product], unit: g/item, table: data/content.csv, quality: literature}
  adoption: {over: [product], unit: 1, table: data/adoption.csv, quality: assumption}
  life_scale: {over: [product], unit: yr, table: data/life_scale.csv, quality: literature}
  life_shape: {over: [product], unit: 1, table: data/life_shape.csv}
processes:
  market: {outside: true}
  use: {}
  waste: {outside: true}
flows:
  to_use: {from: market, to: use, over: [time, product]}
  end_of_life: {from: use, to: waste, over: [time, product]}
stocks:
  in_use:
    process: use
    over: [time, product]
    inflow: to_use
    outflow: end_of_life
    lifetime: {weibull: {scale: life_scale, shape: life_shape}}
equations:
  to_use: production * content * adoption
  inflow_by_category: sum(to_use by category)
  outflow_by_category: sum(end_of_life by category)
  stock_by_category: sum(in_use.stock by category)
""")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for make in (families, loops, entries, labels):
        make(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
