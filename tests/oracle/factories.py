#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random catalogs with patterns: a dataset's file, back to the dataset.

    factories.py DRIVER [COUNT [SEED]]

Needs kedro.  Kedro tells of a name which file it is; kmlflow, by way of its
driver, of that file which dataset it is and where its artifact goes.  Prints
the counts; exits 1 on disagreement.  Counted apart: files that more than one
of the names have, where nobody can tell.
"""
import logging
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from kedro.io.catalog_config_resolver import CatalogConfigResolver

logging.disable(logging.CRITICAL)
WRAPPER = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"
PLACES = ["layer", "name", "kind"]
WORDS = ["raw", "a", "sales", "Sales", "x1", "model", "été", "b-c"]
LETTERS = ["raw", "model", "x", "sales"]


def pattern():
    """A name of an entry, its placeholders at most three."""
    parts = random.sample(PLACES, random.choice([1, 1, 2, 2, 3]))
    text = [f"{{{p}}}" for p in parts]
    text += random.sample(LETTERS, random.choice([0, 0, 1, 1, 2]))
    random.shuffle(text)
    return random.choice([".", "_", "#"]).join(text), parts


def path(parts, number):
    """A file that tells its placeholders from one another."""
    text = [f"{{{p}}}" for p in parts]
    random.shuffle(text)
    return random.choice([f"d{number}/", "out/", f"d{number}/v_"]) + \
        "/".join(text) + random.choice([".csv", ".csv", ".pkl", ""])


def entry(number, parts, literal=None):
    where = literal or path(parts, number)
    inner = {"type": "pandas.CSVDataset", "filepath": where}
    found = {"type": WRAPPER, "dataset": inner}
    if random.random() < .6:
        found["artifact_path"] = "/".join(
            [f"at{number}"] + [f"{{{p}}}" for p in parts
                               if random.random() < .5])
    return found


def catalog():
    entries = {}
    for number in range(random.randint(1, 5)):
        name, parts = pattern()
        if "#" not in name and name.strip("{}") in PLACES and any(
                k.strip("{}") in PLACES for k in entries):
            continue  # a second one for every name
        entries[name] = entry(number, parts)
    for number in range(random.randint(0, 2)):
        name = random.choice([".", "_", "#"]).join(
            random.sample(WORDS, random.choice([1, 2])))
        entries[name] = entry(number + 7, [], f"own/{number}.csv")
    return entries


def names(entries):
    for name in entries:
        for place in PLACES:
            name = name.replace(f"{{{place}}}", random.choice(WORDS))
        yield name
        if random.random() < .2:
            yield name.swapcase()


def asked(root, entries):
    """Of each name: its file, and what is to be said of it."""
    resolver = CatalogConfigResolver(entries)
    found = {}
    for name in dict.fromkeys(names(entries)):
        config = entries[name] if name in entries and "{" not in name \
            else resolver.resolve_pattern(name)
        if config and "dataset" in config:
            file = str(root / config["dataset"]["filepath"])
            found.setdefault(file, {})[name] = config.get("artifact_path", "")
    return found


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    top = Path(tempfile.mkdtemp())
    questions = []
    for number in range(count):
        root, entries = top / str(number), catalog()
        (root / "conf" / "base").mkdir(parents=True)
        (root / "conf" / "base" / "catalog.yml").write_text(
            yaml.safe_dump(entries, sort_keys=False, allow_unicode=True))
        for file, those in asked(root, entries).items():
            questions.append((root, file, those))
    said = subprocess.run(
        [sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True,
        input="".join(f"{r} {f}\n" for r, f, _ in questions)).stdout
    answers, one = [], []
    for line in said.split("\n")[:-1]:
        if line:
            one.append(line)
        else:
            answers.append(one)
            one = []
    agreed = unclear = wrong = 0
    for (root, file, those), answer in zip(questions, answers):
        got = dict(a.split("\t") for a in answer if "\t" in a)
        # The file does not have the letters of the name, nor their case.
        if ({k.lower(): v for k, v in got.items()} ==
                {k.lower(): v for k, v in those.items()}):
            agreed += 1
        elif len(those) > 1 or len(got) > 1:
            unclear += 1
        else:
            wrong += 1
            if wrong < 6:
                print((root / "conf/base/catalog.yml").read_text())
                print(f"{file}\n  want {those}\n  got  {answer}")
    shutil.rmtree(top)
    print(f"{agreed} agree, {unclear} that nobody can tell, {wrong} disagree")
    return wrong > 0 or len(answers) != len(questions)


if __name__ == "__main__":
    sys.exit(main())
