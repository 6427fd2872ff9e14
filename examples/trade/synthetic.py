#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes trade files of three layouts with made-up numbers: what UN Comtrade and BACI look like, not what they say.

    python3 synthetic.py            # the files of this folder
    python3 synthetic.py big.csv N  # a BACI file of N rows, to measure with
"""
import csv
import random
import sys
from pathlib import Path

NEW = """typeCode freqCode refPeriodId refYear refMonth period reporterCode reporterISO reporterDesc flowCode flowDesc partnerCode
partnerISO partnerDesc partner2Code partner2ISO partner2Desc classificationCode classificationSearchCode isOriginalClassification
cmdCode cmdDesc aggrLevel isLeaf customsCode customsDesc mosCode motCode motDesc qtyUnitCode qtyUnitAbbr qty isQtyEstimated
altQtyUnitCode altQtyUnitAbbr altQty isAltQtyEstimated netWgt isNetWgtEstimated grossWgt isGrossWgtEstimated cifvalue fobvalue
primaryValue legacyEstimationFlag isReported isAggregate""".split()
LEGACY = """Classification;Year;Period;Period Desc.;Aggregate Level;Is Leaf Code;Trade Flow Code;Trade Flow;Reporter Code;Reporter;Reporter ISO;
Partner Code;Partner;Partner ISO;2nd Partner Code;2nd Partner;2nd Partner ISO;Customs Proc. Code;Customs;Mode of Transport Code;
Mode of Transport;Commodity Code;Commodity;Qty Unit Code;Qty Unit;Qty;Alt Qty Unit Code;Alt Qty Unit;Alt Qty;Netweight (kg);
Gross weight (kg);Trade Value (US$);CIF Trade Value (US$);FOB Trade Value (US$);Flag""".replace("\n", "").split(";")
COUNTRIES = {156: ("CHN", "China"), 276: ("DEU", "Germany"), 392: ("JPN", "Japan"), 490: ("S19", "Other Asia, nes"), 704: ("VNM", "Viet Nam"), 842: ("USA", "USA")}
CODES = {"280530": ("Earth-metals, rare; scandium and yttrium", 40), "850511": ("Magnets; permanent magnets of metal", 55)}
SIZES = {("280530", 156, 392): 5000, ("280530", 156, 842): 1500, ("280530", 156, 704): 600, ("280530", 704, 392): 900,
         ("850511", 156, 276): 6000, ("850511", 156, 392): 3500, ("850511", 156, 842): 4500, ("850511", 156, 490): 800,
         ("850511", 392, 156): 2500, ("850511", 392, 276): 700, ("850511", 276, 842): 400, ("850511", 704, 842): 900}
FLOWS = {"X": (2, "Export"), "M": (1, "Import")}


def reports(years):
    """Each row a side reports: year, flow, reporter, partner, code, kg, USD, estimated."""
    draw = random.Random(20111)
    for year in years:
        for (code, exporter, importer), size in SIZES.items():
            kilograms = size * 1000 * 1.04 ** (year - 2010) * draw.uniform(0.85, 1.15)
            price = CODES[code][1] * draw.uniform(0.9, 1.1)
            # What leaves without a declaration: most from 2010 to 2012, when quotas were tight.
            undeclared = draw.uniform(0.25, 0.5) if code == "280530" and exporter == 156 and 2010 <= year <= 2012 else draw.uniform(-0.04, 0.06)
            if exporter != 490:
                yield year, "X", exporter, importer, code, round(kilograms), round(kilograms * price), False
            if importer != 490:
                weight = round(kilograms * (1 + undeclared))
                yield year, "M", importer, exporter, code, weight, round(weight * price * draw.uniform(1.02, 1.11)), draw.random() < 0.08


def with_world(years):
    rows = list(reports(years))
    totals = {}
    for year, flow, reporter, _, code, kilograms, dollars, _ in rows:
        total = totals.setdefault((year, flow, reporter, code), [0, 0])
        total[0] += kilograms
        total[1] += dollars
    for (year, flow, reporter, code), (kilograms, dollars) in totals.items():
        # One country keeps a partner secret, one year.
        secret = 250000 if (year, flow, reporter, code) == (2017, "X", 392, "850511") else 0
        rows.append((year, flow, reporter, 0, code, kilograms + secret, dollars + 60 * secret, False))
    return rows


def country(number):
    return ("W00", "World") if number == 0 else COUNTRIES[number]


def write_new(path, years):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, NEW, lineterminator="\n")
        out.writeheader()
        for year, flow, reporter, partner, code, kilograms, dollars, estimated in with_world(years):
            out.writerow({
                "typeCode": "C", "freqCode": "A", "refPeriodId": f"{year}0101", "refYear": year, "refMonth": 52, "period": year,
                "reporterCode": reporter, "reporterISO": country(reporter)[0], "reporterDesc": country(reporter)[1], "flowCode": flow,
                "flowDesc": FLOWS[flow][1], "partnerCode": partner, "partnerISO": country(partner)[0], "partnerDesc": country(partner)[1],
                "partner2Code": 0, "partner2ISO": "W00", "partner2Desc": "World", "classificationCode": "H5" if year >= 2017 else "H4",
                "classificationSearchCode": "HS", "isOriginalClassification": True, "cmdCode": code, "cmdDesc": CODES[code][0], "aggrLevel": 6,
                "isLeaf": True, "customsCode": "C00", "customsDesc": "TOTAL CPC", "mosCode": 0, "motCode": 0, "motDesc": "TOTAL MOT",
                "qtyUnitCode": 8, "qtyUnitAbbr": "kg", "qty": kilograms, "isQtyEstimated": False, "altQtyUnitCode": -1, "altQtyUnitAbbr": "N/A",
                "altQty": 0, "isAltQtyEstimated": False, "netWgt": kilograms, "isNetWgtEstimated": estimated, "grossWgt": 0,
                "isGrossWgtEstimated": False, "cifvalue": dollars if flow == "M" else "", "fobvalue": dollars if flow == "X" else "",
                "primaryValue": dollars, "legacyEstimationFlag": 4 if estimated else 0, "isReported": True, "isAggregate": False})


def write_legacy(path, years):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(LEGACY)
        for year, flow, reporter, partner, code, kilograms, dollars, estimated in with_world(years):
            iso = ("WLD", "World") if partner == 0 else country(partner)
            out.writerow(["H3", year, year, year, 6, 1, *FLOWS[flow], reporter, country(reporter)[1], country(reporter)[0], partner, iso[1], iso[0],
                          "", "", "", "", "", "", "", code, CODES[code][0], 8, "Weight in kilograms", kilograms, "", "", "", kilograms, "",
                          dollars, "", "", 4 if estimated else 0])


def write_baci(folder, year):
    with open(folder / f"BACI_HS12_Y{year}_V202601.csv", "w", encoding="utf-8", newline="") as file:
        file.write("t,i,j,k,v,q\n")
        for _, flow, exporter, importer, code, kilograms, dollars, estimated in reports([year]):
            if flow == "X":
                file.write(f"{year},{exporter},{importer},{code},{dollars / 1000:.3f},{'           NA' if estimated else f'{kilograms / 1000:.3f}'}\n")
    with open(folder / "country_codes_V202601.csv", "w", encoding="utf-8", newline="") as file:
        file.write("country_code,country_name,country_iso2,country_iso3\n")
        for number, (iso, name) in COUNTRIES.items():
            file.write(f'{number},"{name}",{iso[:2]},{iso}\n')
    with open(folder / "product_codes_HS12_V202601.csv", "w", encoding="utf-8", newline="") as file:
        file.write("code,description\n" + "".join(f'{code},"{name}"\n' for code, (name, _) in CODES.items()))


def write_big(path, count):
    draw = random.Random(1)
    numbers = range(1, 51)
    codes = sorted({f"{draw.randrange(10000, 980000):06d}" for _ in range(5000)} | set(CODES))
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("t,i,j,k,v,q\n")
        for exporter in numbers:
            for importer in numbers:
                rows = min(count, len(codes)) if exporter != importer else 0
                file.write("".join(f"2017,{exporter},{importer},{code},{draw.random() * 1000:.3f},{draw.random() * 100:.3f}\n" for code in codes[:rows]))
                count -= rows
    with open(Path(path).parent / "country_codes_made_up.csv", "w", encoding="utf-8", newline="") as file:
        file.write("country_code,country_name,country_iso3\n" + "".join(f"{n},Country {n},X{chr(65 + n // 26)}{chr(65 + n % 26)}\n" for n in numbers))


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    if len(sys.argv) == 3:
        write_big(sys.argv[1], int(sys.argv[2]))
    else:
        write_legacy(here / "synthetic_comtrade_old.csv", range(2009, 2015))
        write_new(here / "synthetic_TradeData.csv", range(2015, 2020))
        write_baci(here, 2017)
