#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the reconstructed tables of this case from the stated endpoints, sums and rates.

The paths of step 1 are found by the model itself (`solve:` in model.yaml): the tables hold their ends and what is to be met
(stated.csv). They are solved here a second time because steps 2, 5 and 6 rest on them.

    python3 reconstruct.py            writes data/*.csv and prints the fit
    python3 reconstruct.py --check    fails if a table in data/ differs from what it would write

Python 3, standard library only. The paper (key yao2021) prints endpoints, sums and growth rates, and no yearly series.
Everything here is the simplest path that honours them; nothing here is a statistic. Steps, in this order:

  1. DEMAND 2000-2017, t Nd in the domestic output of each product (the paper's eq 1).
     Path between two years: a * (b/a) ** w,  w = 1 - (1 - tau) ** k, tau = 0..1: k = 1 is constant growth, k > 1 slows.
     - electronics: 2000 -> 2012 -> 2017 at constant growth; the value of 2012 is solved so that the stock of 2017 is met
     - AC RE MO VC EL: k solved so that the stock of 2017 is met; WM takes the k of RE
     - CV: k solved so that stock 2017 + end of life 2000-2017 is met; EB: k solved for its end of life
     - EV, WT, IR: the shape of a real series (IEA, IRENA, IFR); for WT the adoption of 2000 is solved for the stock
     - MRI: constant growth
  2. TRADE IN FINAL PRODUCTS as shares of domestic output, linear from 2000 to 2017. Five scale factors on assumed
     shares are solved: exports 2000 (305 t), all inflow 2000 (555 t), electronics peak 2012 (5,421 t),
     exports 2017 (4,638 t, from 38.57 %), imports 2017 (what net export 4,200 t leaves).
  3. LIFETIMES, whole years: see search_lifetimes().
  4. OUTPUT of products = demand / content / adoption.
  5. INTERMEDIATE AND PRIMARY PRODUCTS, their trade and the mirror gap; registered mining so that the relations of
     2011 and 2014 hold.
  6. OWNERSHIP (Gompertz) for 2018-2050: three parameters per product from three conditions: the stock of 2017, demand of
     2050, and no jump of demand at the seam 2017/2018.
"""
import csv
import io
import itertools
import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data")
YEARS = list(range(2000, 2018))
N = len(YEARS)


def read(name):
    with open(os.path.join(DATA, name), encoding="utf-8-sig") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def path(a, b, k, first, last, year):
    tau = (year - first) / (last - first)
    return a * (b / a) ** (1 - (1 - tau) ** k)


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


# --------------------------------------------------------------------------------------------------- stated figures
# id of the checkpoint behind each number: the column derived_from of the tables is made from these.
DEMAND_2017 = {  # t; elevators and robots exchanged (finding C003-1)
    "LS": (1502, "ND046"), "CP": (1466, "ND047"), "MP": (577, "ND048"), "LP": (362, "ND049"), "DC": (79, "ND050"),
    "AC": (1840, "ND052"), "RE": (1070, "ND053"), "WM": (788, "ND056"), "MO": (753, "ND057"), "VC": (242, "ND058"),
    "CV": (2300, "ND062"), "EV": (728, "ND063"), "WT": (1100, "ND064"), "EL": (1318, "ND065"), "IR": (75, "ND066"),
    "EB": (321, "ND067"), "MRI": (141, "ND068")}
STOCK_2017 = {"CP": (6600, "ND075"), "LS": (7500, "ND076"), "DC": (928, "ND077"), "LP": (902, "ND078"),
              "MP": (2660, "ND079"), "AC": (9878, "ND083"), "RE": (3700, "ND084"), "MO": (1664, "ND085"),
              "VC": (849, "ND086"), "CV": (13700, "ND087"), "WT": (6820, "ND089"), "EL": (3640, "ND090")}
GROWTH_18 = {"AC": (0.3439, "ND054"), "RE": (0.3224, "ND055"), "CV": (0.1735, "ND061")}
EOL = {"electronics": (7030, "ND091"), "CV": (4088, "ND092"), "MRI": (3645, "ND093"), "EB": (2460, "ND094")}
ELECTRONICS = ["LS", "CP", "MP", "LP", "DC"]
PRODUCTS = list(DEMAND_2017)
PEAK_2012 = 5421            # ND051
EXPORTS_2000 = 305          # ND110
STOCK_2000 = 555            # ND071: no stock before 2000, so this is the inflow of 2000

# t Nd in 2000. AC: its stock of 2000 (ND080). RE, CV: growth over 18 counted years. Electronics: half (ND042) of a demand
# of 740 t, a twentieth of 2017 (ND016; 555 + 305 t less imports); MRI: what that leaves. The split of electronics and
# the small products are assumptions.
DEMAND_2000 = {"CP": (190, "ND016 ND042"), "LS": (120, "ND016 ND042"), "MP": (30, "ND016 ND042"), "LP": (5, "ND016 ND042"),
               "DC": (25, "ND016 ND042"),
               "AC": (9, "ND080"), "RE": (1070 / 1.3224 ** 18, "ND055"), "WM": (7.5, "ND082"), "MO": (20, ""),
               "VC": (5, ""), "CV": (2300 / 1.1735 ** 18, "ND061"), "EL": (4, ""), "EB": (3, ""), "MRI": (184, "ND016 ND071"),
               "IR": (0.4, "")}

CONTENT = {"CV": 130, "EV": 610, "EB": 103, "WT": 224e3, "AC": 51.5, "WM": 42, "RE": 51.5, "MO": 32.5, "VC": 24.5,
           "MRI": 400e3, "DC": 6, "LP": 1.5, "MP": 0.3, "LS": 0.8, "CP": 14.8, "EL": 1740, "IR": 540}  # g per item or MW
ADOPTION_2017 = {"CV": 1, "EV": 1, "EB": .10, "WT": .25, "AC": .20, "WM": .25, "RE": .25, "MO": .30, "VC": .08, "MRI": 1,
                 "DC": 1, "LP": 1, "MP": 1, "LS": 1, "CP": 1, "EL": .90, "IR": 1}  # AC: 20 %, Table 1 prints 30 %
ADOPTION_2000 = {"AC": .01, "RE": .01, "WM": .01, "MO": .05, "VC": .02, "EL": .05}  # assumptions
AC_OUTPUT_2004 = 66e6       # NBS Yearbook 2005 as quoted by china-profile.com: "some 66 million"

# Share of domestic output exported, and imports as a share of domestic output, 2000 and 2017: assumptions that step 2
# scales. Only their sums are known.
EXPORT = {"CP": (.6, .66), "LS": (.6, .60), "DC": (.4, .45), "LP": (.5, .80), "MP": (.5, .60), "AC": (.05, .28),
          "RE": (.3, .40), "WM": (.2, .28), "MO": (.6, .60), "VC": (.6, .65), "CV": (.01, .06), "EV": (0, .02),
          "WT": (0, .01), "EL": (.02, .1), "IR": (.05, .1), "EB": (.05, .2), "MRI": (.05, .1)}
IMPORT = {"CP": (.3, .10), "LS": (.3, .10), "DC": (.2, .03), "LP": (.6, .10), "MP": (.5, .12), "AC": (.01, .001),
          "RE": (.015, .001), "WM": (0, .002), "MO": (.01, .001), "VC": (.02, .005), "CV": (.04, .02), "EV": (0, .02),
          "WT": (.5, .01), "EL": (.05, .01), "IR": (.9, .5), "EB": (0, 0), "MRI": (.1, .15)}

# Lifetimes in years. CV, EB and electronics follow from the search below, the others are assumptions.
LIFETIME = {"CP": 7, "LS": 9, "DC": 10, "LP": 6, "MP": 7, "AC": 12, "RE": 12, "WM": 10, "MO": 10, "VC": 10, "CV": 8,
            "EV": 10, "WT": 20, "EL": 20, "IR": 10, "EB": 4, "MRI": 10}

# ------------------------------------------------------------------------------------------- shapes from real series
EV_SALES = {int(r["time"]): float(r["value"]) for r in read("evidence_ev_sales.csv")}
WIND = {int(r["time"]): float(r["value"]) for r in read("evidence_wind_capacity.csv")}
ROBOTS = {int(r["time"]): float(r["value"]) for r in read("evidence_robots.csv")}
WIND_ADDED = {y: WIND[y] - WIND[y - 1] for y in range(2001, 2018)}
WIND_ADDED[2000] = WIND_ADDED[2001]          # no capacity of 1999 in the series


def linear(ends, year):
    return ends[0] + (ends[1] - ends[0]) * (year - 2000) / 17


def demand(p, x):
    """t Nd in domestic output 2000-2017; x is what step 1 solves for; model.yaml has the same paths."""
    end = DEMAND_2017[p][0]
    if p == "EV":
        return [end * EV_SALES.get(y, 0) / EV_SALES[2017] for y in YEARS]
    if p == "WT":   # adoption of 2000 = 25 % * x, growing at a constant rate to 25 % in 2017
        return [end * WIND_ADDED[y] / WIND_ADDED[2017] * x ** ((2017 - y) / 17) for y in YEARS]
    if p == "IR":
        at_2011 = end * ROBOTS[2011] / ROBOTS[2017]
        return [path(DEMAND_2000[p][0], at_2011, 1, 2000, 2011, y) if y < 2011 else end * ROBOTS[y] / ROBOTS[2017]
                for y in YEARS]
    start = DEMAND_2000[p][0]
    if p in ELECTRONICS:
        return [path(start, x, 1, 2000, 2012, y) if y <= 2012 else path(x, end, 1, 2012, 2017, y) for y in YEARS]
    return [path(start, end, x, 2000, 2017, y) for y in YEARS]


def in_stock(p, inflow):
    return sum(inflow[max(0, N - LIFETIME[p]):])


def retired(p, inflow):
    """End of life 2000-2017: F_out(t) = F_in(t - L), the paper's eq 5."""
    return sum(inflow[:max(0, N - LIFETIME[p])])


def history(imports_2017):
    """Steps 1 and 2: a fixed point of five scale factors around the products' own conditions."""
    e2000, e2017, o2017, i2000, i2017 = 1.0, 1.0, 1.0, 1.0, 1.0
    for _ in range(200):
        export = {p: (EXPORT[p][0] * (e2000 if p in ELECTRONICS else 1),
                      EXPORT[p][1] * (e2017 if p in ELECTRONICS else o2017)) for p in PRODUCTS}
        imports = {p: (IMPORT[p][0] * i2000, IMPORT[p][1] * i2017) for p in PRODUCTS}

        def inflow(p, made):
            return [d * (1 - linear(export[p], y) + linear(imports[p], y)) for d, y in zip(made, YEARS)]

        x = {p: 1.0 for p in PRODUCTS}
        for p in ELECTRONICS:
            x[p] = solve(lambda v: in_stock(p, inflow(p, demand(p, v))) - STOCK_2017[p][0], 1, 9000)
        for p in ("AC", "RE", "MO", "VC", "EL"):
            x[p] = solve(lambda k: in_stock(p, inflow(p, demand(p, k))) - STOCK_2017[p][0], .2, 12)
        x["WM"] = x["RE"]
        x["WT"] = solve(lambda k: in_stock("WT", inflow("WT", demand("WT", k))) - STOCK_2017["WT"][0], .001, 2)
        x["EB"] = solve(lambda k: retired("EB", inflow("EB", demand("EB", k))) - EOL["EB"][0], .3, 12)
        x["CV"] = solve(lambda k: sum(inflow("CV", demand("CV", k))) - STOCK_2017["CV"][0] - EOL["CV"][0], .3, 12)
        made = {p: demand(p, x[p]) for p in PRODUCTS}
        into = {p: inflow(p, made[p]) for p in PRODUCTS}
        out = {p: [d * linear(export[p], y) for d, y in zip(made[p], YEARS)] for p in PRODUCTS}
        come = {p: [d * linear(imports[p], y) for d, y in zip(made[p], YEARS)] for p in PRODUCTS}

        total = lambda flow, i, some=PRODUCTS: sum(flow[p][i] for p in some)  # noqa: E731
        others = [p for p in PRODUCTS if p not in ELECTRONICS]
        factors = ((EXPORTS_2000 - total(out, 0, others)) / total(out, 0, ELECTRONICS),
                   PEAK_2012 / total(made, 12, ELECTRONICS),
                   (EXPORTS_2017 - total(out, 17, ELECTRONICS)) / total(out, 17, others),
                   (STOCK_2000 + EXPORTS_2000 - total(made, 0)) / total(come, 0),
                   imports_2017 / total(come, 17))
        if max(abs(f - 1) for f in factors) < 1e-13:
            break
        e2000 *= factors[0]
        e2017 *= factors[1] ** .5
        o2017 *= factors[2] ** .7
        i2000 *= factors[3]
        i2017 *= factors[4] ** .7
    return {"made": made, "into": into, "out": out, "come": come, "x": x, "export": export, "import": imports,
            "scales": (e2000, e2017, o2017, i2000, i2017)}


def search_lifetimes():
    """Least squares over whole-year lifetimes of CP, LS, MP and LP (DC 10): the relative misses of the electronics'
    end of life 2000-2017 (7,030 t) and of a laptop and phone stock that can serve the demand of 2050 without growing
    or emptying (stock / lifetime = domestic share * demand of 2050). CV and EB: whole years nearest to their end of
    life. Prints the ten best."""
    rows = []
    keep = dict(LIFETIME)
    for cp, ls, mp, lp in itertools.product((7, 8, 9, 10), (7, 8, 9, 10), (5, 6, 7, 8), (4, 5, 6, 7)):
        LIFETIME.update(CP=cp, LS=ls, MP=mp, LP=lp)
        try:
            h = history(IMPORTS_2017)
        except ValueError:
            continue
        miss = [sum(retired(p, h["into"][p]) for p in ELECTRONICS) / EOL["electronics"][0] - 1]
        for p in ("MP", "LP"):
            domestic = 1 - h["export"][p][1] + h["import"][p][1]
            miss.append(STOCK_2017[p][0] / LIFETIME[p] / (domestic * DEMAND_2050[p][0]) - 1)
        rows.append((sum(m * m for m in miss), cp, ls, mp, lp, [round(100 * m, 1) for m in miss]))
    LIFETIME.update(keep)
    print("lifetimes CP LS MP LP, misses in %: end of life, MP, LP")
    for row in sorted(rows)[:10]:
        print("  %d %d %d %d  %s" % (row[1:5] + (row[5],)))
    cars = []
    for life in (6, 7, 8, 9, 10):
        LIFETIME["CV"] = life
        h = history(IMPORTS_2017)
        cars.append((life, retired("CV", h["into"]["CV"]), in_stock("CV", h["into"]["CV"])))
    LIFETIME.update(keep)
    print("CV lifetime, end of life (4,088 t), stock (13,700 t):", [(a, round(b), round(c)) for a, b, c in cars])


# ------------------------------------------------------------------------- step 5: intermediate and primary products
# t Nd of 2017 and 2000; 2000 from the growth stated: batteries 14.07 % over 18 years, glass / 4.53, ceramics / 3.68.
FORM_MADE = {"battery": (342 / 1.1407 ** 18, 342, "ND031", "ND030"), "glass": (272 / 4.53, 272, "ND034 ND036", "ND036"),
             "ceramics": (596 / 3.68, 596, "ND035 ND037", "ND037"), "catalyst": (10, 60, "ND038", "ND039"),
             "alloy": (121, 987, "ND032", "ND033")}
FORM_CONTENT = {"battery": (.14, 1, "g/item", "item"), "glass": (6.5, 1, "ppm", "t"), "ceramics": (5.5, 1, "ppm", "t"),
                "catalyst": (3, .95, "g/item", "item"), "alloy": (.9, 1, "ppm", "t")}
MAGNETS_2017 = .8755 / (1 - .8755) * (342 + 272 + 596 + 60 + 987)           # ND028: 15,872 t
FORM_EXPORT_TOTAL = {2000: 400.0, 2011: 3900.0, 2017: 1880.0}               # ND107, ND108; 2000 is an assumption
FORM_EXPORTED = {"battery": .30, "glass": .10, "ceramics": .10}              # of what is made: assumption; the rest magnets
FORM_IMPORT = {"battery": (5, 20), "glass": (5, 15), "ceramics": (10, 30), "catalyst": (5, 15), "alloy": (15, 40)}
MAGNET_IMPORT_2000 = 60.0
MAGNET_EXPORT_2017 = 1880 - sum(share * FORM_MADE[f][1] for f, share in FORM_EXPORTED.items())
MAGNET_IMPORT_2017 = MAGNET_EXPORT_2017 - (MAGNETS_2017 - sum(d for d, _ in DEMAND_2017.values()))
CONCENTRATE_IMPORT = (60, 1340)      # ND098; 2000 assumption
CONCENTRATE_EXPORT = (5, 10)         # "very small": assumption
PRIMARY_IMPORT = (10, 135)           # assumption
EXPORTS_2017 = (1032 + 1880) * (1 / .3857 - 1)                              # ND113: 4,638 t in final products
IMPORTS_2017 = (10 + 1032 + 1880 + EXPORTS_2017 - 1340 - 135 - MAGNET_IMPORT_2017
                - sum(v[1] for v in FORM_IMPORT.values()) - 4200)           # ND115: what net export 4,200 t leaves
MINE_YIELD = .68                     # C003-19
RECYCLED = .01 * .866                # collection and recovery of today

# Customs exports: 2002 from 2,600 t at 50 % excess, 2011 from 1,430 t at 50 %; 2012 at 40 % (assumption).
CUSTOMS = {2000: (5200, "ND102 ND103"), 2002: (5200, "ND102 ND103"), 2006: (5800, "ND099"),
           2011: (2860, "ND102 ND104"), 2012: (1650, "ND105"), 2017: (1032, "ND100")}
# Excess of partners' imports: stated where ids are given; low-quota years 30 %, relaxed years 10 %: the stated range.
EXCESS = {2000: (.30, ""), 2001: (.40, ""), 2002: (2600 / 5200, "ND103"), 2003: (.40, ""),
          2011: (1430 / 2860, "ND104"), 2012: (660 / 1650, "ND105"), 2013: (.35, ""), 2014: (.30, ""), 2015: (.28, ""),
          2016: (.27, ""), 2017: (276 / 1032, "ND106")}
EXCESS.update({y: (.10, "ND101") for y in range(2004, 2011)})

IAC = {2000: (4000, ""), 2006: (7148, "ND018"), 2017: (792, "ND017")}
OTHER_ORE_2006 = 6100               # bastnaesite and monazite "remained stable": as in 2000
BASTNAESITE_SHARE = .85             # assumption


def between(anchors, year, geometric=True):
    years = sorted(anchors)
    value = lambda y: anchors[y][0] if isinstance(anchors[y], tuple) else anchors[y]  # noqa: E731
    for a, b in zip(years, years[1:]):
        if a <= year <= b:
            part = (year - a) / (b - a)
            if geometric:
                return value(a) * (value(b) / value(a)) ** part
            return value(a) + (value(b) - value(a)) * part
    raise ValueError(year)


def supply(h):
    form_made = {f: [between({2000: v[0], 2017: v[1]}, y) for y in YEARS] for f, v in FORM_MADE.items()}
    form_out = {f: [] for f in ("NdFeB", "battery", "glass", "ceramics")}
    form_in = {f: [v[0] + (v[1] - v[0]) * i / 17 for i in range(N)] for f, v in FORM_IMPORT.items()}
    form_in["NdFeB"] = [between({2000: MAGNET_IMPORT_2000, 2017: MAGNET_IMPORT_2017}, y) for y in YEARS]
    for i, y in enumerate(YEARS):
        for f, share in FORM_EXPORTED.items():
            form_out[f].append(share * form_made[f][i])
        form_out["NdFeB"].append(between(FORM_EXPORT_TOTAL, y, geometric=False) - sum(form_out[f][i] for f in FORM_EXPORTED))
    customs = [between(CUSTOMS, y) for y in YEARS]
    partner = [c * (1 + EXCESS[y][0]) for c, y in zip(customs, YEARS)]
    primary_in = [PRIMARY_IMPORT[0] + (PRIMARY_IMPORT[1] - PRIMARY_IMPORT[0]) * i / 17 for i in range(N)]
    ore_in = [between({2000: CONCENTRATE_IMPORT[0], 2017: CONCENTRATE_IMPORT[1]}, y) for y in YEARS]
    ore_out = [CONCENTRATE_EXPORT[0] + (CONCENTRATE_EXPORT[1] - CONCENTRATE_EXPORT[0]) * i / 17 for i in range(N)]
    eol = [sum(h["into"][p][i - LIFETIME[p]] for p in PRODUCTS if i >= LIFETIME[p]) for i in range(N)]
    need = []
    for i in range(N):
        magnets = sum(h["made"][p][i] for p in PRODUCTS) + form_out["NdFeB"][i] - form_in["NdFeB"][i]
        primary = magnets + sum(v[i] for v in form_made.values()) + partner[i] - primary_in[i] - RECYCLED * eol[i]
        need.append(primary / MINE_YIELD - ore_in[i] + ore_out[i])
    iac = [between(IAC, y) for y in YEARS]
    registered_total = {2000: 12000 - 1900, 2006: IAC[2006][0] + OTHER_ORE_2006, 2011: need[11] / 2, 2014: need[14] / 3,
                        2017: 27000 - 11300}
    registered = [between(registered_total, y) for y in YEARS]
    return {"form_made": form_made, "form_out": form_out, "form_in": form_in, "customs": customs, "partner": partner,
            "primary_in": primary_in, "ore_in": ore_in, "ore_out": ore_out, "need": need, "iac": iac,
            "registered": registered, "eol": eol}


# ---------------------------------------------------------------------------------- step 6: ownership for 2018-2050
DEMAND_2050 = {"DC": (1352, "ND122"), "LP": (419, "ND123"), "MP": (591, "ND124"), "AC": (3636, "ND125"),
               "RE": (2864, "ND126"), "WM": (1704, "ND127"), "MO": (1796, "ND128"), "VC": (701, "ND129")}
SHARED_BETA = -.17      # electronics, which jump at the seam whatever beta is: about what the appliances get


def drivers():
    population = {int(r["time"]): float(r["value"]) for r in read("population.csv")}
    anchors = {int(r["time"]): float(r["value"]) for r in read("gdp.csv")}
    return population, {y: between(anchors, y) / population[y] for y in range(2017, 2051)}    # USD per person


def ownership(h):
    population, gdp = drivers()
    result = {}
    for p, (goal, _) in DEMAND_2050.items():
        past = h["into"][p]
        start = in_stock(p, past)
        domestic = 1 - h["export"][p][1] + h["import"][p][1]

        def level(alpha, beta, y):
            grown = math.exp(alpha * (math.exp(beta * gdp[y] / 1000) - math.exp(beta * gdp[2017] / 1000)))
            return start * grown * population[y] / population[2017]

        def demands(alpha, beta):
            inflow, before = list(past), start
            for y in range(2018, 2051):
                now = level(alpha, beta, y)
                inflow.append(now - before + inflow[len(inflow) - LIFETIME[p]])
                before = now
            return [v / domestic for v in inflow[N:]]

        def alpha_for(beta):
            return solve(lambda a: demands(a, beta)[-1] - goal, -80, 0)

        beta = SHARED_BETA
        if p not in ELECTRONICS:
            seam = lambda b: demands(alpha_for(b), b)[0] - DEMAND_2017[p][0]  # noqa: E731
            steps = [-.05 - .005 * i for i in range(45)]
            for b0, b1 in zip(steps, steps[1:]):
                if seam(b0) < 0 <= seam(b1):
                    beta = solve(seam, b1, b0, 60)
                    break
            else:
                raise ValueError("no beta joins " + p)
        alpha = alpha_for(beta)
        items = start / (CONTENT[p] * 1e-6) / ADOPTION_2017[p]          # goods that carry the stock at today's adoption
        saturation = items / population[2017] / math.exp(alpha * math.exp(beta * gdp[2017] / 1000))
        result[p] = (saturation, alpha, beta / 1000, demands(alpha, beta))
    return result


# ------------------------------------------------------------------------------------------------------------ tables
def number(v):
    return "0" if v == 0 else "%.12g" % v


class Out:
    def __init__(self):
        self.files = {}

    def write(self, name, header, rows, comment):
        text = io.StringIO()
        text.write("# %s\n# written by reconstruct.py\n" % comment)
        w = csv.writer(text, lineterminator="\n")
        w.writerow(header)
        w.writerows(rows)
        self.files[name] = text.getvalue()


TAIL = ["unit", "source", "quality", "note", "derived_from"]
PATH_IN_MODEL = ELECTRONICS + ["CV", "EB"]  # output between 2000 and 2017 follows from the path that the model finds
COUNTED = {p: "item" for p in PRODUCTS}
COUNTED.update(WT="MW", CV="vehicle", EV="vehicle")


def ids(*texts):
    seen = []
    for t in texts:
        for i in t.split():
            if i not in seen:
                seen.append(i)
    return " ".join(sorted(seen))


def output_and_adoption(h):
    """Step 4. Output of goods at constant growth between 2000 and 2017 (AC by way of 2004); adoption is what is left."""
    goods, adoption = {}, {}
    for p in PRODUCTS:
        made = h["made"][p]
        per = CONTENT[p] * 1e-6
        if p in ADOPTION_2000:
            ends = {2000: made[0] / per / ADOPTION_2000[p], 2017: made[17] / per / ADOPTION_2017[p]}
            if p == "AC":
                ends[2004] = AC_OUTPUT_2004
            goods[p] = [between(ends, y) for y in YEARS]
            adoption[p] = [m / per / g for m, g in zip(made, goods[p])]
        elif p == "WT":
            adoption[p] = [ADOPTION_2017[p] * h["x"][p] ** ((2017 - y) / 17) for y in YEARS]
            goods[p] = [m / per / a for m, a in zip(made, adoption[p])]
        else:
            adoption[p] = [ADOPTION_2017[p]] * N
            goods[p] = [m / per / ADOPTION_2017[p] for m in made]
    return goods, adoption


def tables(h, s, own):
    out = Out()
    goods, adoption = output_and_adoption(h)
    rows, printed = [], []
    exchanged = {"ND065": "ND066", "ND066": "ND065", "": ""}
    for p in PRODUCTS:
        for i, y in enumerate(YEARS):
            if p in PATH_IN_MODEL and y not in (2000, 2017):
                continue
            if y == 2017:
                derived, note = DEMAND_2017[p][1], "%g t in 2017" % DEMAND_2017[p][0]
            elif y == 2000 and p in DEMAND_2000:
                derived, note = DEMAND_2000[p][1], "%.3g t in 2000" % DEMAND_2000[p][0]
            elif p in ADOPTION_2000:
                derived, note = "", "constant growth between anchors"
                if p == "AC" and y == 2004:
                    note = "NBS Yearbook 2005 quoted by china-profile.com: some 66 million"
            elif p == "WT":
                derived, note = "ND064", "capacity additions of IRENA, times one factor"
            elif p == "EV":
                derived, note = "ND063", "car sales of IEA, times one factor"
            elif p == "IR":
                derived, note = "ND066", "installations of IFR from 2011, times one factor; constant growth before"
            else:
                derived, note = "", "constant growth"
            rows.append([y, p, number(goods[p][i]), COUNTED[p] + "/yr", "yao2021", "reconstructed", note, derived])
            factor = {"EL": 75 / 1318, "IR": 1318 / 75}.get(p)
            if factor:
                note = "as printed: %d t in 2017" % (DEMAND_2017[p][0] * factor + .5)
                derived = exchanged[derived]
            printed.append([y, p, number(goods[p][i] * (factor or 1)), COUNTED[p] + "/yr", "yao2021", "reconstructed", note,
                            derived])
    out.write("production.csv", ["time", "product", "value"] + TAIL, rows,
              "Domestic output of goods. Reconstructed, not a statistic.")
    out.write("production_printed.csv", ["time", "product", "value"] + TAIL, printed,
              "The same with the 2017 values of elevators and robots as printed (C003-1).")

    rows, printed = [], []
    for p in PRODUCTS:
        varying = p in ADOPTION_2000
        for i, y in enumerate(YEARS):
            if y not in (2000, 2017) or (p == "WT" and y == 2000):
                continue
            quality, derived, note = "certain" if ADOPTION_2017[p] == 1 else "share", "", "Table 1"
            if p == "AC" and y == 2017:
                note = "Table 1 prints 30 %; 20 % times an output near 180 million gives 1,840 t"
            elif varying and y == 2000:
                note = "share of goods with a magnet motor in 2000"
            elif y == 2000:
                note = "Table 1, held"
            row = [y, p, number(100 * adoption[p][i]), "%", "yao2021", quality, note, derived]
            rows.append(row)
            again = list(row)
            if p == "AC":
                again[2] = number(150 * adoption[p][i])
                again[6] = "Table 1 as printed" if y == 2017 else note + "; scaled with Table 1's 30 %"
            printed.append(again)
    rows.append([2030, "WT", 100, "%", "yao2021", "at_most_all",
                 "the only simple reading of 27,600 t in 2050: a factor near 4 (C003-20)", "ND140 ND141"])
    out.write("adoption.csv", ["time", "product", "value"] + TAIL, rows,
              "Share of goods that contain neodymium magnets, corrected reading. Between rows linear, after the last held.")
    out.write("adoption_printed.csv", ["time", "product", "value"] + TAIL, printed,
              "As printed: air conditioners 30 %, wind turbines stay at 25 %.")

    for name, what, key in (("export_share.csv", "Exports", "export"), ("import_share.csv", "Imports", "import")):
        rows = []
        for p in PRODUCTS:
            for j, y in enumerate((2000, 2017)):
                if y == 2000:
                    derived = "ND071 ND110" if key == "import" else ("ND110" if p in ELECTRONICS else
                                                                     {"RE": "ND081", "WM": "ND082"}.get(p, ""))
                else:
                    derived = "ND115" if key == "import" else ("ND051" if p in ELECTRONICS else "ND113")
                share = h[key][p][j]
                row = [y, p, number(share), 1, "yao2021", "reconstructed", "assumed share times one factor for all",
                       derived if share else ""]
                if key == "export":
                    row.insert(6, "%.4g" % (0.15 * (1 - share)))
                rows.append(row)
        out.write(name, ["time", "product", "value"] + (TAIL[:3] + ["cv"] + TAIL[3:] if key == "export" else TAIL), rows,
                  what + " of final products as a share of domestic output; linear between 2000 and 2017, then held."
                  + (" cv is 15 % of what is not exported: what stays is known no worse." if key == "export" else ""))

    rows = []
    for p in PRODUCTS:
        if p == "CV":
            what, value, mark = "stock and end of life", STOCK_2017[p][0] + EOL[p][0], "ND087 ND092"
        elif p == "EB":
            what, (value, mark) = "end of life", EOL[p]
        elif p in STOCK_2017:
            what, (value, mark) = "stock", STOCK_2017[p]
        else:
            continue
        factor = {"EL": 75 / 1318, "AC": 1.5}.get(p)
        rows.append([p, "corrected" if factor else "", value, "t", "yao2021", "literature", what, mark])
        if factor:
            rows.append([p, "as_printed", number(value * factor), "t", "yao2021", "reconstructed",
                         what + ", scaled with the printed value of 2017 so that the path keeps its shape", mark])
    out.write("stated_waste.csv", ["category", "value"] + TAIL,
              [[category, EOL[key][0], "t", "yao2021", "literature", "", EOL[key][1]]
               for category, key in (("electronic devices", "electronics"), ("conventional vehicles", "CV"))],
              "End of life 2000-2017 that the mean lifetimes are found for where lifetimes are distributed.")
    out.write("stated.csv", ["product", "reading", "value"] + TAIL, rows,
              "Stock of 2017 and end of life 2000-2017 that the paths to 2017 are solved for.")

    rows = []
    for p in PRODUCTS:
        derived = {"CV": "ND087 ND092", "EB": "ND094"}.get(p, "ND091" if p in ELECTRONICS else "")
        if p in ("LP", "MP"):
            derived = ids(derived, DEMAND_2050[p][1])
        rows.append([p, LIFETIME[p], "yr", "yao2021" if derived else "", "reconstructed" if derived else "assumption",
                     "whole years, search_lifetimes()" if derived else "Table S3 is not in the paper", derived])
    out.write("lifetime.csv", ["product", "value"] + TAIL, rows, "Fixed lifetimes.")

    rows = []
    for f, v in FORM_MADE.items():
        content, adopted, _, counted = FORM_CONTENT[f]
        for j, y in enumerate((2000, 2017)):
            rows.append([y, f, number(v[j] / (content * 1e-6 * adopted)), counted + "/yr", "yao2021", "reconstructed",
                         "%.4g t Nd" % v[j], v[2 + j]])
    out.write("form_output.csv", ["time", "form", "value"] + TAIL, rows,
              "What carries the neodymium of the other intermediate products: cells, glass, ceramics, converters, alloys.")
    rows = []
    for f, v in s["form_out"].items():
        for y in YEARS:
            note = "total of all forms less the others" if f == "NdFeB" else "%g %% of what is made" % (100 * FORM_EXPORTED[f])
            rows.append([y, f, number(v[y - 2000]), "t/yr", "yao2021", "reconstructed", note,
                         {2011: "ND107", 2017: "ND108"}.get(y, "") if f == "NdFeB" else ""])
    out.write("form_exports.csv", ["time", "form", "value"] + TAIL, rows, "Exports of intermediate products, t Nd.")
    rows = []
    for f, v in s["form_in"].items():
        for y in YEARS if f == "NdFeB" else (2000, 2017):
            rows.append([y, f, number(v[y - 2000]), "t/yr", "yao2021", "reconstructed" if f == "NdFeB" else "assumption",
                         "leaves 15,872 t of magnets made in 2017" if f == "NdFeB" else "",
                         "ND028" if f == "NdFeB" and y > 2000 else ""])
    out.write("form_imports.csv", ["time", "form", "value"] + TAIL, rows, "Imports of intermediate products, t Nd.")

    rows = [[y, number(c), "t/yr", "yao2021", "reconstructed", "" if y in CUSTOMS else "constant growth between anchors",
             CUSTOMS[y][1] if y in CUSTOMS else ""] for y, c in zip(YEARS, s["customs"])]
    out.write("customs_exports.csv", ["time", "value"] + TAIL, rows,
              "Exports of primary products as China's customs register them, t Nd.")
    rows = [[y, number(c), "t/yr", "yao2021", "reconstructed", "customs exports and %.1f %%" % (100 * EXCESS[y][0]),
             ids(CUSTOMS.get(y, (0, ""))[1], EXCESS[y][1])] for y, c in zip(YEARS, s["partner"])]
    out.write("partner_imports.csv", ["time", "value"] + TAIL, rows,
              "The same trade as the partners' customs register it, t Nd.")
    simple = (("primary_imports.csv", "primary_in", PRIMARY_IMPORT, ("", ""), "Imports of primary products, t Nd."),
              ("concentrate_imports.csv", "ore_in", CONCENTRATE_IMPORT, ("", "ND098"), "Imports of concentrate, t Nd."),
              ("concentrate_exports.csv", "ore_out", CONCENTRATE_EXPORT, ("", ""), "Exports of concentrate, t Nd."))
    for name, key, ends, derived, comment in simple:
        rows = [[y, number(v), "t/yr", "yao2021", "reconstructed" if derived[j] else "assumption", "", derived[j]]
                for j, (y, v) in enumerate(zip((2000, 2017), ends))]
        out.write(name, ["time", "value"] + TAIL, rows, comment)

    rows = []
    marks = {2000: "ND014 ND020", 2006: "", 2011: "ND023", 2014: "ND024", 2017: "ND015 ND021"}
    for i, y in enumerate(YEARS):
        rest = s["registered"][i] - s["iac"][i]
        mark = marks.get(y, "")
        note = {2000: "total = 12,000 - 1,900 t", 2006: "bastnaesite and monazite as in 2000",
                2011: "total = half of the mining needed", 2014: "total = a third of the mining needed",
                2017: "total = 27,000 - 11,300 t"}.get(y, "constant growth between anchors")
        values = {"BAST": rest * BASTNAESITE_SHARE, "MON": rest * (1 - BASTNAESITE_SHARE), "IAC": s["iac"][i]}
        for ore, v in values.items():
            rows.append([y, ore, number(v), "t/yr", "yao2021", "reconstructed",
                         "stated for 2006 and 2017" if ore == "IAC" else note,
                         ids(IAC.get(y, (0, ""))[1]) if ore == "IAC" else mark])
    out.write("registered.csv", ["time", "ore", "value"] + TAIL, rows,
              "Registered mining by ore type, t Nd in concentrate. Reconstructed; compare evidence_reo.csv.")

    rows = []
    for p, (saturation, alpha, beta, _) in own.items():
        rows.append([p, number(saturation), number(alpha), number(beta), "yao2021", "assumption",
                     "Tables S5, S6 are not in the paper: solved in reconstruct.py",
                     ids(DEMAND_2050[p][1], STOCK_2017.get(p, (0, ""))[1])])
    out.write("gompertz.csv", ["product", "saturation", "alpha", "beta"] + TAIL[1:], rows,
              "Ownership of goods that carry neodymium, at the adoption of 2017. saturation in item/person, "
              "beta per USD/person/yr.")

    slowly = .99 ** 20
    rows = []
    for p, end, mark in (("CV", 6200, "ND142"), ("EB", 1500, "ND143")):
        rows.append([2017, p, DEMAND_2017[p][0], "t/yr", "yao2021", "literature", "", DEMAND_2017[p][1]])
        rows.append([2030, p, number(end / slowly), "t/yr", "yao2021", "assumption",
                     "must rise before it slowly decreases (C003-24): 1 %/yr back from 2050", mark])
        rows.append([2050, p, end, "t/yr", "yao2021", "literature", "", mark])
    rows.append([2017, "MRI", 141, "t/yr", "yao2021", "literature", "", "ND068"])
    rows.append([2050, "MRI", 25, "t/yr", "yao2021", "literature", "", "ND144"])
    out.write("path.csv", ["time", "product", "value"] + TAIL, rows, "Demand 2018-2050 of products without a stated rule.")
    return out


def report(h, s, own):
    print("scale factors (exports 2000 of electronics, 2017 of electronics, 2017 of others, imports 2000, 2017):",
          ["%.4f" % v for v in h["scales"]])
    print("%-4s %4s %10s %8s %8s %9s" % ("", "life", "solved", "stock", "stated", "end/life"))
    for p in PRODUCTS:
        print("%-4s %4d %10.4f %8.0f %8s %9.0f" % (p, LIFETIME[p], h["x"][p], in_stock(p, h["into"][p]),
                                                  STOCK_2017.get(p, ("",))[0], retired(p, h["into"][p])))
    print("stock 2017 %.0f (66,600), end of life 2000-2017 %.0f (18,595), electronics %.0f (7,030), 2017 %.0f (3,600)" % (
        sum(in_stock(p, h["into"][p]) for p in PRODUCTS), sum(retired(p, h["into"][p]) for p in PRODUCTS),
        sum(retired(p, h["into"][p]) for p in ELECTRONICS), s["eol"][17]))
    total = [sum(h["made"][p][i] for p in PRODUCTS) for i in range(N)]
    print("demand     ", [round(v) for v in total])
    print("CV share %  ", [round(100 * h["made"]["CV"][i] / total[i], 1) for i in range(N)])
    print("mining need ", [round(v) for v in s["need"]])
    print("registered  ", [round(v) for v in s["registered"]])
    illegal = [n - r for n, r in zip(s["need"], s["registered"])]
    print("illegal     ", [round(v) for v in illegal], "sum %.0f (160,000)" % sum(illegal))
    for p, (saturation, alpha, beta, path_) in own.items():
        print("%-4s saturation %.3f item/person, alpha %.3f, beta %.3f per 1000 USD; demand 2018 %.0f, lowest %.0f" % (
            p, saturation, alpha, beta * 1000, path_[0], min(path_)))


def main():
    if "--lifetimes" in sys.argv:
        search_lifetimes()
        return 0
    h = history(IMPORTS_2017)
    s = supply(h)
    own = ownership(h)
    out = tables(h, s, own)
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
    report(h, s, own)
    return 0


if __name__ == "__main__":
    sys.exit(main())
