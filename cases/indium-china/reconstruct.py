#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the reconstructed tables of this case from the stated sums, shares and the one stated year.

    python3 reconstruct.py            writes data/*.csv and prints the fit
    python3 reconstruct.py --check    fails if a table in data/ differs from what it would write

Python 3, standard library only. The paper (key lin2021) prints sums over 2000-2019 and one year, and no yearly series.
Everything here is the simplest path that honours them; nothing here is a statistic.

  1. ORES. Domestic output: the shape is real mine production (evidence_mine_output.csv, metal, divided by the metal in
     a concentrate), held after 2015; one factor for all ores and years meets 21,335.24 t in the lithosphere, 60 % of
     which is in concentrates. Imports: assumed for 2000 and 2019, constant growth between; one factor meets the net
     import of 3,645.08 t = 24,980.32 - 21,335.24. Exports of ore: an assumption.
  2. PRIMARY OUTPUT: the shape is the real series (evidence_china_indium.csv); one factor meets 5,912 t.
     LOSS of smelting: what the concentrates bring less primary output, plus a constant share of primary output, so that
     the loss of the stage is 19,112.85 t. The sums of the paper miss one another by 44.53 t; that difference stays in the
     balance of smelting, in proportion to primary output.
  3. REFINED INDIUM: net export grows at a constant rate from half of the primary output of 2000 to 368 t in 2007, then
     falls at a constant rate, solved so that the sum is 30 % of 6,542.57 t. Consumption grows at a constant rate from an
     assumed start, solved so that the sum is 20 % of it. Recycled indium: 630.57 t in the shape of consumption; what
     of it is from waste products follows in the model.
  4. HOLDINGS p0 (2000) and r of the logistic (eq 7-9), with the ceilings of Table 3. Computers and vehicles: least
     squares of log(p / (K - p)) on time over the published figures per 100 households (evidence_holdings.csv).
     Televisions, tablets, smartphones: assumed years at which 1 % and 50 % of the ceiling are reached. None of these
     looks at a result of the paper.
  5. EXPORTS OF PRODUCTS, in items: assumed points, constant growth between; one factor meets 1,681.77 t of indium.
  6. LED and CIGS: assumed output. World recycled indium: ten times China's, in the shape of world primary output.
"""
import csv
import io
import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data")
YEARS = list(range(2000, 2020))
TAIL = ["unit", "source", "quality", "note", "derived_from"]

# Stated figures (paper, section 3.1-3.2) and the checkpoints behind them.
MINED = 21335.24          # IN001 IN009
INPUT = 24980.32          # IN010
LOSS = 19112.85           # IN011
PRIMARY = 5912.0          # IN007 IN013
RECYCLED = 630.57         # IN006 IN014
EXPORTED = 0.30           # IN015
CONSUMED = 0.20           # IN016
PEAK = 368.0              # IN021
PRODUCTS_OUT = 1681.77    # IN018
WORLD_SHARE = 0.10        # IN024
DRESSING = 0.60           # IN027

CONTENT = {"zn": 50e-6, "pb": 50e-6, "sn": 40e-6, "cu": 10e-6}        # Table 1
METAL = {"zn": 0.50, "pb": 0.60, "sn": 0.50, "cu": 0.25}              # common trade quality: assumption
TRADED = {"zn": 1.0, "pb": 1.0, "sn": 1.0, "cu": 0.25}                # 2.2.1
ORES = list(CONTENT)
ORE_IMPORT = {"zn": (0.2e6, 3.2e6), "pb": (0.3e6, 1.6e6), "sn": (0.01e6, 0.18e6), "cu": (1.8e6, 22e6)}  # assumption, t
ORE_EXPORT = {"zn": (50e3, 5e3)}                                      # assumption, t
REFINED_IMPORT = {2000: 1.0, 2013: 1.0, 2019: 20.0}                   # assumption, t
CONSUMED_2000 = 10.0                                                  # assumption, t

CEILING = {("tv", "urban"): 1.4, ("tv", "rural"): 1.2, ("monitor", "urban"): 1.0, ("monitor", "rural"): 1.0,
           ("laptop", "urban"): 1.5, ("laptop", "rural"): 1.5, ("tablet", "urban"): 1.2, ("tablet", "rural"): 1.0,
           ("phone", "urban"): 1.0, ("phone", "rural"): 0.85, ("vehicle", "urban"): 0.21, ("vehicle", "rural"): 0.21}
CEILING_ID = {("tv", "urban"): "IN078", ("tv", "rural"): "IN079", ("monitor", "urban"): "IN080",
              ("monitor", "rural"): "IN081", ("laptop", "urban"): "IN082", ("laptop", "rural"): "IN083",
              ("tablet", "urban"): "IN084", ("tablet", "rural"): "IN085", ("phone", "urban"): "IN086",
              ("phone", "rural"): "IN087", ("vehicle", "urban"): "IN088", ("vehicle", "rural"): "IN088"}
LAUNCH = {("tv", "urban"): (2004, 2013), ("tv", "rural"): (2006, 2016), ("tablet", "urban"): (2010, 2015),
          ("tablet", "rural"): (2011, 2017), ("phone", "urban"): (2008, 2012.5), ("phone", "rural"): (2009, 2014.5)}

GRAMS = {"tv": 0.6, "monitor": 0.4, "laptop": 0.4, "tablet": 0.016, "phone": 0.008, "vehicle": 0.3, "led": 21.0}
# Items exported, assumed points; before the first point none, constant growth between.
ITEMS_OUT = {"tv": {2000: 0.05e6, 2005: 3e6, 2010: 50e6, 2019: 90e6},
             "monitor": {2000: 3e6, 2005: 50e6, 2010: 100e6, 2019: 85e6},
             "laptop": {2000: 0.3e6, 2005: 40e6, 2010: 170e6, 2019: 140e6},
             "tablet": {2010: 5e6, 2014: 120e6, 2019: 110e6},
             "phone": {2007: 1e6, 2010: 60e6, 2014: 600e6, 2019: 950e6},
             "vehicle": {2000: 0.02e6, 2005: 0.17e6, 2010: 0.55e6, 2019: 1.2e6}}
LED = {2000: 1e3, 2010: 50e3, 2019: 500e3}      # t, assumption
LED_EXPORT = 0.40                               # assumption
CIGS_SHARE = 0.002                              # of the solar power added from 2012 on: assumption


def read(name):
    with open(os.path.join(DATA, name), encoding="utf-8-sig") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def solve(f, low, high, steps=200):
    at_low = f(low)
    if at_low * f(high) > 0:
        raise ValueError("no solution between %g and %g" % (low, high))
    for _ in range(steps):
        middle = (low + high) / 2
        at = f(middle)
        if (at > 0) == (at_low > 0):
            low, at_low = middle, at
        else:
            high = middle
    return (low + high) / 2


def between(points, year, geometric):
    """Between given years; the last is held, before the first there is nothing."""
    years = sorted(points)
    if year < years[0]:
        return 0.0
    for a, b in zip(years, years[1:]):
        if a <= year <= b:
            w = (year - a) / (b - a)
            if geometric:
                return points[a] * (points[b] / points[a]) ** w
            return points[a] + w * (points[b] - points[a])
    return points[years[-1]]


def ores():
    metal = {p: {} for p in ORES}
    for row in read("evidence_mine_output.csv"):
        metal[row["ore"]][int(row["time"])] = float(row["value"])
    recorded = {p: [between(metal[p], y, False) / METAL[p] for y in YEARS] for p in ORES}
    in_recorded = sum(v * CONTENT[p] for p in ORES for v in recorded[p])
    factor = DRESSING * MINED / in_recorded
    output = {p: [factor * v for v in recorded[p]] for p in ORES}
    come = {p: [between({2000: ORE_IMPORT[p][0], 2019: ORE_IMPORT[p][1]}, y, True) for y in YEARS] for p in ORES}
    go = {p: [between({2000: ORE_EXPORT[p][0], 2019: ORE_EXPORT[p][1]}, y, True) if p in ORE_EXPORT else 0.0
              for y in YEARS] for p in ORES}
    weigh = lambda flow: sum(v * CONTENT[p] * TRADED[p] for p in ORES for v in flow[p])  # noqa: E731
    scale = (INPUT - MINED + weigh(go)) / weigh(come)
    come = {p: [scale * v for v in come[p]] for p in ORES}
    smelted = [sum(CONTENT[p] * (output[p][i] + TRADED[p] * (come[p][i] - go[p][i])) for p in ORES)
               for i in range(len(YEARS))]
    return {"recorded": recorded, "factor": factor, "in_recorded": in_recorded, "output": output, "import": come,
            "import_scale": scale, "export": go, "smelted": smelted}


def refined(o):
    china = [float(r["value"]) for r in read("evidence_china_indium.csv")]
    world = [float(r["value"]) for r in read("evidence_world_indium.csv")]
    scale = PRIMARY / sum(china)
    primary = [scale * v for v in china]
    mining_loss = (1 - DRESSING) * MINED
    discrepancy = PRIMARY + LOSS - INPUT
    slag = [s - p * (1 - discrepancy / PRIMARY) for s, p in zip(o["smelted"], primary)]
    assert abs(sum(slag) + mining_loss - LOSS) < 1e-6 and min(slag) > 0
    supply = PRIMARY + RECYCLED
    start = primary[0] / 2
    rise = [start * (PEAK / start) ** (i / 7) for i in range(8)]
    fall = solve(lambda q: sum(rise) + sum(PEAK * q ** k for k in range(1, 13)) - EXPORTED * supply, 0.01, 0.99)
    net = rise + [PEAK * fall ** k for k in range(1, 13)]
    bring = [between(REFINED_IMPORT, y, False) for y in YEARS]
    growth = solve(lambda g: sum(CONSUMED_2000 * g ** k for k in range(20)) - CONSUMED * supply, 1.001, 2)
    used = [CONSUMED_2000 * growth ** k for k in range(20)]
    again = [RECYCLED * v / sum(used) for v in used]
    total = [WORLD_SHARE ** -1 * RECYCLED * v / sum(world) for v in world]
    return {"primary": primary, "scale": scale, "slag": slag, "discrepancy": discrepancy, "net": net, "fall": fall,
            "rise": rise[1] / rise[0], "import": bring, "used": used, "growth": growth, "again": again, "world": total}


def household(year):
    points = {int(r["time"]): float(r["value"]) for r in read("household_size.csv")}
    return between(points, max(year, 1990), False)


def holdings():
    data = {}
    for r in read("evidence_holdings.csv"):
        data.setdefault((r["good"], r["area"]), []).append((int(r["time"]), float(r["per_100_households"]) / 100))
    rows = {}
    for (p, a), ceiling in CEILING.items():
        if (p, a) in LAUNCH:
            one, half = LAUNCH[p, a]
            rate = math.log(99) / (half - one)
            middle = half
            note = "1 %% of the ceiling in %g, half in %g" % (one, half)
        else:
            good = "automobile" if p == "vehicle" else "computer"
            points = []
            for year, per in data[good, a]:
                # A computer is a laptop or a monitor in the ratio of their ceilings.
                part = per / household(min(year, 2020)) / ceiling if p == "vehicle" else \
                    per / (CEILING["laptop", a] + CEILING["monitor", a])
                points.append((year, math.log(part / (1 - part))))
            n = len(points)
            mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
            rate = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
            middle = mx - my / rate
            note = "fitted to %d figures of %s, half in %.1f" % (n, "cars" if p == "vehicle" else "computers", middle)
        rows[p, a] = (ceiling / (1 + math.exp(-rate * (2000 - middle))), rate, note, (p, a) in LAUNCH)
    return rows


def exports():
    items = {p: [between(points, y, True) for y in YEARS] for p, points in ITEMS_OUT.items()}
    led = [between(LED, y, True) for y in YEARS]
    fixed = LED_EXPORT * sum(led) * GRAMS["led"] * 1e-6
    weight = sum(v * GRAMS[p] * 1e-6 for p in items for v in items[p])
    scale = (PRODUCTS_OUT - fixed) / weight
    items = {p: [scale * v for v in values] for p, values in items.items()}
    solar = {int(r["time"]): 1000 * float(r["value"]) for r in read("evidence_solar_capacity.csv")}
    cigs = [CIGS_SHARE * (solar[y] - solar[y - 1]) if y >= 2012 else 0.0 for y in YEARS]
    return {"items": items, "scale": scale, "led": led, "cigs": cigs}


def number(v):
    return "%.12g" % v


class Output:
    def __init__(self):
        self.files = {}

    def write(self, name, header, rows, comment):
        text = io.StringIO()
        text.write("# %s\n# written by reconstruct.py\n" % comment)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        self.files[name] = text.getvalue()


def tables(o, r, h, e):
    out = Output()
    by = ["time", "ore", "value"] + TAIL
    out.write("ore_recorded.csv", by,
              [[y, p, number(o["recorded"][p][i]), "t/yr", "usgs_theler2020", "statistics" if y <= 2015 else "assumption",
                ("2003 and 2004 linear" if p == "zn" and y in (2003, 2004) else "") if y <= 2015 else "as in 2015", ""]
               for p in ORES for i, y in enumerate(YEARS)],
              "Output of concentrates by mine statistics: metal mined over the metal in a concentrate.")
    out.write("ore_output.csv", by,
              [[y, p, number(o["output"][p][i]), "t/yr", "lin2021", "reconstructed",
                "recorded output times %.4f" % o["factor"], "IN001 IN009 IN010"] for p in ORES for i, y in enumerate(YEARS)],
              "Output of concentrates, gross weight.")
    out.write("ore_imports.csv", by,
              [[y, p, number(o["import"][p][i]), "t/yr", "lin2021", "reconstructed",
                "assumed path times %.4f" % o["import_scale"], "IN002 IN010"] for p in ORES for i, y in enumerate(YEARS)],
              "Imports of concentrates, gross weight.")
    out.write("ore_exports.csv", by,
              [[y, p, number(o["export"][p][i]), "t/yr", "", "assumption", "", ""]
               for p in ORE_EXPORT for i, y in enumerate(YEARS)],
              "Exports of concentrates, gross weight; none where no row stands.")
    one = ["time", "value"] + TAIL
    single = lambda name, values, note, ids, comment, quality="reconstructed": out.write(  # noqa: E731
        name, one, [[y, number(v), "t/yr", "lin2021", quality, note, ids] for y, v in zip(YEARS, values)], comment)
    single("primary_output.csv", r["primary"], "first estimates times %.4f" % r["scale"], "IN007 IN013",
           "Output of primary refined indium.")
    single("smelting_loss.csv", r["slag"], "the discrepancy of 44.53 t stays in the balance", "IN011 IN012 IN025",
           "Indium lost from concentrate to refined indium.")
    out.write("net_export.csv", one,
              [[y, number(v), "t/yr", "lin2021", "reconstructed",
                "stated" if y == 2007 else "growth to 2007" if y < 2007 else "fall from 2007",
                "IN021" if y == 2007 else "IN015 IN021"] for y, v in zip(YEARS, r["net"])],
              "Net export of refined indium.")
    single("refined_imports.csv", r["import"], "", "", "Imports of refined indium; only the net export is stated.",
           "assumption")
    single("consumption.csv", r["used"], "constant growth of %.2f %%/yr" % (100 * (r["growth"] - 1)), "IN016",
           "Refined indium in the materials made in China.")
    single("recycled_output.csv", r["again"], "in the shape of consumption", "IN006 IN014",
           "Output of recycled indium, from waste targets and waste products.")
    single("world_recycled.csv", r["world"], "ten times China's sum, in the shape of world primary output", "IN024",
           "Recycled indium, world: no series was found.")
    rows = []
    for (p, a), (p0, rate, note, assumed) in h.items():
        rows.append([p, a, "%g" % CEILING[p, a], number(p0), number(rate), "lin2021",
                     "assumption" if assumed else "reconstructed", note, CEILING_ID[p, a]])
    out.write("holdings.csv", ["held", "area", "ceiling", "start", "rate"] + TAIL[1:], rows,
              "Logistic holdings: ceiling K (Table 3), start p0 in 2000 per household or person, rate r per year.")
    out.write("export_items.csv", ["time", "held", "value"] + TAIL,
              [[y, p, number(e["items"][p][i]), "vehicle/yr" if p == "vehicle" else "item/yr", "lin2021", "reconstructed",
                "assumed path times %.4f" % e["scale"], "IN018" if e["items"][p][i] else ""]
               for p in e["items"] for i, y in enumerate(YEARS)],
              "Products exported.")
    rows = []
    for i, y in enumerate(YEARS):
        rows.append([y, "led", number(e["led"][i]), "t/yr", "", "assumption", "", ""])
    for i, y in enumerate(YEARS):
        rows.append([y, "cigs", number(e["cigs"][i]), "MW/yr", "irena2024" if e["cigs"][i] else "", "assumption",
                     "0.2 % of the solar power added" if e["cigs"][i] else "", ""])
    out.write("other_production.csv", ["time", "rest", "value"] + TAIL, rows, "Output of LEDs and CIGS cells.")
    return out


def report(o, r, h, e):
    print("ores: recorded %.1f t in concentrates, factor %.4f; imports x %.4f" % (
        o["in_recorded"], o["factor"], o["import_scale"]))
    print("primary x %.4f; discrepancy %.2f t" % (r["scale"], r["discrepancy"]))
    print("net export: rise %.1f %%/yr to 2007, fall %.1f %%/yr; consumption %.2f %%/yr" % (
        100 * (r["rise"] - 1), 100 * (1 - r["fall"]), 100 * (r["growth"] - 1)))
    level, lowest = 0.0, 0.0
    for i in range(len(YEARS)):
        level += r["primary"][i] + r["again"][i] - r["net"][i] - r["used"][i] / 0.97
        lowest = min(lowest, level)
    print("inventory %.0f t in 2019, lowest %.0f" % (level, lowest))
    for (p, a), (p0, rate, note, _) in h.items():
        print("%-8s %-5s K %.2f  p0 %.3g  r %.3f  %s" % (p, a, CEILING[p, a], p0, rate, note))
    print("exports of products x %.4f; LED %.1f t, CIGS %.1f t of indium" % (
        e["scale"], sum(e["led"]) * 21e-6, sum(e["cigs"]) * 23.2e-3))


def main():
    o = ores()
    r, h, e = refined(o), holdings(), exports()
    out = tables(o, r, h, e)
    if "--check" in sys.argv:
        bad = []
        for name, text in out.files.items():
            with open(os.path.join(DATA, name), encoding="utf-8", newline="") as f:
                if f.read() != text:
                    bad.append(name)
        print("differ: " + ", ".join(bad) if bad else "all %d tables are what this script writes" % len(out.files))
        return 1 if bad else 0
    for name, text in out.files.items():
        with open(os.path.join(DATA, name), "w", encoding="utf-8", newline="") as f:
            f.write(text)
    report(o, r, h, e)
    return 0


if __name__ == "__main__":
    sys.exit(main())
