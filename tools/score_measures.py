#!/usr/bin/env python3
"""How close `dmcvr measure` comes to phantoms whose volumes are known in closed form.

    for seed in $(seq 101 124); do dmcvr phantom -q -o hearts/$seed --seed $seed --phases 2; done
    dmcvr measure hearts -o measures.csv
    tools/score_measures.py hearts measures.csv

Prints the error (measured minus true) of each measure over the phantoms: mean, standard deviation, largest. With the table
that `dmcvr measure hearts --details details` leaves in details/segments.csv as a third argument also that of the wall in
16 segments; and of films (`--phases 20`) that of the peak rates, whose truth is the curve of heart_model.h.
"""
import csv
import json
import math
import statistics
import sys


def truth_of(path):
    """The true value of each measure in a truth.json."""
    truth = json.load(open(path))
    phases = {phase["name"]: phase for phase in truth["phases"]}
    values = {"lv_mass_g": truth["lvm_g"], "lv_mass_es_g": truth["lvm_g"]}
    for side in ("lv", "rv"):
        values[f"{side}_edv_ml"] = phases["ed"][f"{side}_ml"]
        values[f"{side}_esv_ml"] = phases["es"][f"{side}_ml"]
        values[f"{side}_ef_percent"] = 100 * truth[f"{side}_ejection_fraction"]
    values.update(rates_of(truth, values))
    return values


def rates_of(truth, values):
    """Peak rates of a film: the largest slopes of contraction_at (heart_model.h), reached between two phases."""
    phases = truth["phases"]
    if len(phases) < 16:
        return {}
    beat_s = len(phases) * (phases[1]["time_ms"] - phases[0]["time_ms"]) / 1000
    systole = [phase["name"] for phase in phases].index("es") / len(phases)
    rates = {}
    for side in ("lv", "rv"):
        stroke_ml = values[f"{side}_edv_ml"] - values[f"{side}_esv_ml"]
        rates[f"{side}_peak_ejection_rate_ml_per_s"] = stroke_ml * math.pi / 2 / (systole * beat_s)
        rates[f"{side}_peak_filling_rate_ml_per_s"] = stroke_ml * (0.7 * 1.5 / 0.45 + 0.1) / ((1 - systole) * beat_s)
    return rates


def error_line(name, errors):
    return f"{name:<36}{statistics.mean(errors):>+8.2f}{statistics.stdev(errors):>8.2f}{max(map(abs, errors)):>9.2f}"


folder, table = sys.argv[1:3]
cases = [(row, truth_of(f"{folder}/{row['case']}/truth.json")) for row in csv.DictReader(open(table))]
print(f"{len(cases)} phantoms, measured minus true")
print(f"{'measure':<36}{'mean':>8}{'sd':>8}{'largest':>9}")
for way in ("discs", "dense"):
    for key in cases[0][1]:
        errors = [float(row[f"{way}_{key}"]) - truth[key] for row, truth in cases if row[f"{way}_{key}"]]
        if len(errors) > 1:
            print(error_line(f"{way} {key}", errors))
if len(sys.argv) > 3:
    walls = list(csv.DictReader(open(sys.argv[3])))
    true_walls = {row["case"]: json.load(open(f"{folder}/{row['case']}/truth.json")) for row in walls}
    for way in ("discs", "dense"):
        for phase in ("ed", "es"):
            rows = [row for row in walls if row["planes"] == way]
            errors = [float(row[f"{phase}_mm"]) - true_walls[row["case"]][f"wall_{phase}_mm"][int(row["segment"]) - 1]
                      for row in rows if row[f"{phase}_mm"]]
            print(error_line(f"{way} wall_{phase}_mm", errors), f"   {len(errors)} of {len(rows)} segments")
