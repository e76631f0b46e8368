#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether tests/data/pystr.tsv is what PyYAML, OmegaConf and str() say.

Rows that are refused on purpose where Python is content are counted apart.
"""
import datetime
import sys

import yaml
from values import LOADERS

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\"}


def unescape(text):
    out, rest = "", iter(text)
    for c in rest:
        out += ESCAPES[next(rest)] if c == "\\" else c
    return out


def expected(dialect, text):
    try:
        value = yaml.load(text, Loader=LOADERS[dialect])
    except Exception:
        return "!"
    if dialect == "o" and isinstance(value, datetime.date):
        return "!"  # no value of OmegaConf's
    return "=" + str(value)


def main():
    rows = stricter = wrong = 0
    with open(sys.argv[1], encoding="utf-8") as table:
        lines = table.read().split("\n")
    for number, line in enumerate(lines, 1):
        if not line or line[0] == "#":
            continue
        name, text, want = line.split("\t")
        for dialect in "oy" if name == "both" else name[0]:
            rows += 1
            got = expected(dialect, unescape(text))
            if got == unescape(want):
                continue
            if want == "!":
                stricter += 1
                continue
            wrong += 1
            print(f"{number}: {text}: Python says {got}")
    print(f"{rows} rows, {stricter} stricter on purpose, {wrong} wrong")
    return wrong > 0


sys.exit(main())
