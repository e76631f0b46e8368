#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random YAML, read by kmlflow's driver and by PyYAML and OmegaConf.

    values.py DRIVER [COUNT [SEED]]

Needs pyyaml and omegaconf.  Prints the counts; exits 1 on disagreement.
Not counted: null keys, which kmlflow refuses on purpose (so does OmegaConf,
but later than its loader).
"""
import random
import struct
import subprocess
import sys

import yaml

try:
    from omegaconf._yaml import get_yaml_loader
except ImportError:
    from omegaconf._utils import get_yaml_loader

LOADERS = {"o": get_yaml_loader(), "y": yaml.CSafeLoader}
ON_PURPOSE = ("already on line", "is null, which cannot be")
PIECES = """0 1 2 7 8 9 10 12 60 59 61 _ . : - + e E x b 0x 0b 0o inf .inf nan
.nan NaN .Inf T Z ~ null Null yes No on OFF true TRUE tRue << = a ' " \\ 1e3
1.5 2020-01-02 2001-12-14t21:59:43.10-05:00 5 f A""".split() + [" "]
LETTERS = list("'\"\\\n\t\r\x7f\x85é日") + [
    "\xa0", "\xad", "\u200b", "\u2028", "\u0378", "😀", "\U0001f9ff",
    "\U000e0001"]
TIMES = ["", " 1:02:03", "T11:22:33.4Z", " 23:59:59 +05:30", " 00:00:00",
         "t10:00:00.123456789-3", " 24:00:00"]
TAGGED = ["1", "1.5", "yes", "a", "'12'", "0x1f", "1_0", "~", "1e5"]


def any_float():
    return struct.unpack("d", struct.pack("Q", random.getrandbits(64)))[0]


def near_float():
    return random.choice([1, -1]) * random.choice([
        10.0 ** random.randint(-30, 30), 2.0 ** random.randint(-1074, 1023),
        random.random(),
        random.randint(0, 10 ** 18) / 10 ** random.randint(0, 12)])


def date():
    return "%04d-%02d-%02d%s" % (
        random.randint(0, 2100), random.randint(0, 13), random.randint(0, 32),
        random.choice(TIMES))


def any_letter():
    low, high = random.choice([(0xa0, 0xd7ff), (0xe000, 0xfffd),
                               (0x10000, 0x10ffff), (32, 126)])
    return chr(random.randint(low, high))


def quoted():
    text = [random.choice(LETTERS) if random.random() < .6 else any_letter()
            for _ in range(random.randint(0, 6))]
    return '"' + "".join(
        "\\" + c if c in '"\\' else
        "\\U%08x" % ord(c) if not c.isprintable() or random.random() < .2
        else c for c in text) + '"'


def scalar():
    return random.choice([
        lambda: "".join(random.choices(PIECES, k=random.randint(1, 5))),
        lambda: repr(any_float()), lambda: repr(near_float()),
        lambda: str(random.getrandbits(random.choice([8, 64, 200]))),
        lambda: hex(random.getrandbits(random.choice([8, 64, 200]))),
        lambda: "!!%s %s" % (random.choice(
            ["str", "int", "float", "bool", "null"]), random.choice(TAGGED)),
        date, quoted])()


def node(depth=0):
    kind = random.random()
    if depth > 3 or kind < .5:
        return scalar()
    n = range(random.randint(0, 4))
    if kind < .7:
        return "[" + ", ".join(node(depth + 1) for _ in n) + "]"
    return "{" + ", ".join(scalar() + ": " + node(depth + 1)
                           for _ in n) + "}"


def expected(dialect, text):
    try:
        return "=" + str(yaml.load(text, Loader=LOADERS[dialect]))
    except Exception:
        return "!"


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    cases = [(random.choice("oy"), random.choice([scalar, node])())
             for _ in range(count)]
    asked = b"".join((d + t).encode() + b"\0" for d, t in cases)
    answers = subprocess.run([sys.argv[1]], input=asked, check=True,
                             stdout=subprocess.PIPE).stdout.split(b"\0")
    agreed = refused = wrong = 0
    for (dialect, text), answer in zip(cases, answers):
        answer = answer.decode()
        want = expected(dialect, text)
        if answer == want:
            agreed += 1
        elif answer[0] == "!" and (
                want == "!" or any(p in answer for p in ON_PURPOSE)):
            refused += 1
        else:
            wrong += 1
            print(f"{dialect} {text!r}\n  want {want}\n  got  {answer}")
    print(f"{agreed} agree, {refused} refused, {wrong} disagree")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
