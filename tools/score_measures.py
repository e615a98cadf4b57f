#!/usr/bin/env python3
"""How close `dmcvr measure` comes to phantoms whose volumes are known in closed form.

    for seed in $(seq 101 124); do dmcvr phantom -q -o hearts/$seed --seed $seed --phases 2; done
    dmcvr measure hearts -o measures.csv
    tools/score_measures.py hearts measures.csv

Prints the error (measured minus true) of each measure over the phantoms: mean, standard deviation, largest.
"""
import csv
import json
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
    return values


folder, table = sys.argv[1:]
cases = [(row, truth_of(f"{folder}/{row['case']}/truth.json")) for row in csv.DictReader(open(table))]
print(f"{len(cases)} phantoms, measured minus true")
print(f"{'measure':<24}{'mean':>8}{'sd':>8}{'largest':>9}")
for way in ("discs", "dense"):
    for key in cases[0][1]:
        errors = [float(row[f"{way}_{key}"]) - truth[key] for row, truth in cases if row[f"{way}_{key}"]]
        if len(errors) > 1:
            print(f"{way + ' ' + key:<24}{statistics.mean(errors):>+8.2f}{statistics.stdev(errors):>8.2f}"
                  f"{max(map(abs, errors)):>9.2f}")
