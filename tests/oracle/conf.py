#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random conf/ trees, read by kmlflow's driver and by Kedro's own loader.

    conf.py DRIVER [COUNT [SEED]]

Needs kedro.  Prints the counts; exits 1 on disagreement.  What is compared is
the repr() of each type's tree, or that both refuse it.  Counted apart: trees
that only a resolver which Kedro does not know makes it refuse, and that
kmlflow reads as far as it can; two files of which one has a mapping where
the other has something else, where the order of reading decides in Kedro; and
a broken text in the place of which --params puts another one; and what soft
merging makes of texts that look like interpolations once they are resolved.
"""
import logging
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import warnings

from kedro.config import MissingConfigException, OmegaConfigLoader
from omegaconf import OmegaConf
from trees import (
    ask,
    in_order,
    parse,
    same,
    show,
    value_of,
    write,
    write_settings,
)

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

TYPES = ["parameters", "catalog", "credentials", "mlflow"]
PATTERNS = {"mlflow": ["mlflow*", "mlflow*/**", "**/mlflow*"]}
# The last two are what OmegaConf says of a resolver that gives a container.
LENIENT = ("!Unsupported interpolation type", "!Incompatible key type",
           "!ListConfig indices must be",
           "!TypeError raised while resolving interpolation: Index",
           # Of a variable that is not set nothing is said until it is used.
           "!KeyError raised while resolving interpolation: \"Environment")
STRICTER = ("within one environment keep it", "contains itself",
            "oc.env works in credentials only", "'${oc.dict.values:")
SYNTAX = ("!no viable", "!token recognition", "!mismatched", "!extraneous",
          "!missing")
KEYS = ["a", "b", "c", "d", "_x", "e-f", "l"]
PLAIN = ["1", "1.5", "true", "null", "text", "''", "'q w'", "1e3", "[1, b]",
         "{a: 1, b: {c: 2}}", "'???'", "-3", "[]", "{}", "0x1f", "é"]
JUNK = list("${}[]():.,\\'\" =|-_ab1") + ["${", "}", "\\${", "\\\\", "a", "b"]
ALONE = ["1", "01", "1_0", "1.", ".5", "1e3", "-inf", "nan", "true", "Null",
         "a b", "a:b", "a : b", "x/y.z", "'q'", '"q"', "[1, a]", "[]", "{}",
         "{a: 1}", "{1: a, b: [x]}", "\\,x", "a\\\\b", "", "'it\\'s'",
         '"${a}"', "x${b}", "@?|*%+", "'}'"]


known = []  # top-level keys of what is being written


def path():
    if known and random.random() < .7:
        return random.choice(known)
    return random.choice([".", "", "", "", "..", "..."]) + random.choice(
        [".", ".", "[%s]"]).join([""]) + ".".join(
            random.choices(KEYS + ["0", "-1"], k=random.choice([1, 1, 1, 2, 2,
                                                                3])))


def argument(depth):
    if depth < 2 and random.random() < .3:
        return expression(depth + 1)
    return random.choice(ALONE)


def key(depth):
    if depth < 2 and random.random() < .15:
        return expression(depth + 1)
    return path().lstrip(".")


def call(depth):
    blank = random.choice(["", "", " "])
    name = random.choice(["globals", "runtime_params", "oc.select",
                          "oc.select", "oc.create", "oc.decode", "oc.env",
                          "oc.dict.keys", "oc.dict.values", "nope"])
    if name == "oc.create":
        return name + ":" + blank + random.choice(["{a: 1}", "[]", "{}"])
    if name == "oc.decode":
        return name + ":" + blank + random.choice(
            ["'%s'" % random.choice(ALONE).replace("'", ""),
             argument(depth)])
    if name.startswith("oc.dict"):
        return name + ":" + path()
    if name == "oc.env":
        name += ":" + blank + random.choice(["CONF_TEST", "CONF_NOT_SET"])
    else:
        name += ":" + blank + key(depth)
    if random.random() < .7:
        name += "," + blank + argument(depth)
    return name


def expression(depth=0):
    kind = random.random()
    if kind < .5:
        inner = path()
        if depth < 2 and random.random() < .15:
            inner += random.choice([".%s", "[%s]"]) % expression(depth + 1)
    elif kind < .95:
        inner = call(depth)
    else:
        inner = "".join(random.choices(JUNK, k=random.randint(1, 6)))
    return "${" + random.choice(["", "", " "]) + inner + "}"


def text():
    kind = random.random()
    if kind < .6:
        return expression()
    if kind < .9:
        return "".join(random.choice(
            [lambda: expression(), lambda: random.choice(["x", "/", " ", "$",
                                                          "\\", "\\\\", "é"])])()
            for _ in range(random.randint(1, 4)))
    return "".join(random.choices(JUNK, k=random.randint(1, 8)))


def quoted(value):
    return "'" + value.replace("'", "''") + "'"


def node(depth, dense):
    kind = random.random()
    if kind < dense:
        return quoted(text())
    if kind < .75 or depth > 2:
        return random.choice(PLAIN)
    if kind < .85:
        return "[" + ", ".join(node(depth + 1, dense)
                               for _ in range(random.randint(0, 3))) + "]"
    return "{" + ", ".join(k + ": " + node(depth + 1, dense) for k in
                           random.sample(KEYS, random.randint(0, 3))) + "}"


def mapping(dense, keys=KEYS):
    known[:] = random.sample(keys, random.randint(1, 4))
    return "".join("%s: %s\n" % (k, node(0, dense)) for k in known)


def make(root):
    """A tree, and how Kedro's loader is to be made for it."""
    dense = random.choice([.05, .15, .3])
    base, local = random.choice([("base", "local")] * 3 + [("all", "mine")])
    args = {"base_env": base, "default_run_env": local}
    if random.random() < .5:
        args["merge_strategy"] = {
            t: random.choice(["soft", "soft", "destructive"])
            for t in random.sample(TYPES + ["globals"], random.randint(1, 4))}
    write_settings(root, "1.0.0", "CONFIG_LOADER_ARGS = " + repr(
        {"config_patterns": PATTERNS, **args}) + "\n")
    for env in [base, local, "prod"]:
        os.makedirs(f"{root}/conf/{env}")
        if random.random() < .5:
            write(f"{root}/conf/{env}/globals.yml",
                  mapping(random.choice([0, 0, .2])))
        for type_ in TYPES:
            for name in ["", "_more", "/deep"]:
                if random.random() < (.5 if not name else .15):
                    # Which file is read first is left to chance in Kedro.
                    write(f"{root}/conf/{env}/{type_}{name}.yml",
                          mapping(dense, [k for k in KEYS
                                          if not name or k != "_x"]))
    return {**args, "env": random.choice([None, None, "prod", "prod", base])}


def runtime():
    return ",".join("%s=%s" % (
        random.choice(["a", "b", "z.d", "z.f.a", "l", "y.b.c", "a.b", "l.x",
                       "d.c.a"]),
        random.choice(["1", "x", "1e3", "null", "true", "'q'", ""]))
        for _ in range(random.choice([0, 0, 1, 2])))


def split(params):
    """As kedro.framework.cli does it."""
    return OmegaConf.to_container(OmegaConf.from_dotlist(
        [i.strip() for i in params.split(",") if i.strip()]))


def is_reread(args, type_, have):
    """Kedro's soft merging takes what has been resolved for a template."""
    name = "globals" if type_ == "all" else type_
    soft = args.get("merge_strategy", {}).get(name) == "soft"
    return soft and (type_ == "all" or "${" in have or "'???'" in have)


def is_apart(root, type_, given, want):
    """Two things that cannot both be had without the values of Python."""
    text = "".join(p.read_text("utf-8") for p in
                   pathlib.Path(root, "conf").rglob("*.yml")
                   if type_ in str(p.relative_to(root)))
    # Something else is wrong with a text that kmlflow leaves alone anyway.
    if want[0] == "!" and re.search(r"\$\{\s*(nope|runtime_params):", text):
        return True
    # What was escaped in globals, Kedro takes for an interpolation.
    if want[0] == "!" and "${globals:" in text.replace(" ", "") and any(
            "\\${" in p.read_text("utf-8") for p in
            pathlib.Path(root, "conf").rglob("globals.yml")):
        return True
    # A name that is another value, and that one is empty: all that there is.
    if re.search(r"\$\{\s*(globals|runtime_params|oc\.select):\s*\$", text):
        return True
    # Below a value that --params goes into, OmegaConf sees what it refers to.
    return type_ == "parameters" and any(
        re.search(r"^%s: .*\$\{" % key, text, re.M)
        for key in re.findall(r"(?:^|,)([a-z]+)\.", given))


def only_texts(want, have):
    """Equal but for what a list or mapping within a text looks like.

    OmegaConf shows of those in it what it has replaced so far.
    """
    def strip(v):
        if isinstance(v, dict):
            return {k: strip(i) for k, i in v.items()}
        if isinstance(v, list):
            return [strip(i) for i in v]
        return "text" if isinstance(v, str) and re.search(r"[{[]", v) else v
    trees = [value_of(t) for t in (want, have)]
    return (not same(want, have) and
            repr(in_order(strip(trees[0]))) == repr(in_order(strip(trees[1]))))


def expected(root, args, params):
    try:
        loader = OmegaConfigLoader(
            root + "/conf", runtime_params=split(params),
            config_patterns=PATTERNS, **args)
    except Exception as error:
        return {"all": "!" + str(error)}
    answers = {}
    for type_ in TYPES:
        try:
            found = loader[type_]
            # Where base is asked for alone, Kedro misses no file.
            if not found and args["env"] == args["base_env"]:
                found = None
            answers[type_] = "=" + repr(found)
        except MissingConfigException:
            answers[type_] = "=None"
        except RecursionError:
            answers[type_] = "!recursion"
        except Exception as error:
            answers[type_] = "!" + str(error)
            # Kedro, ended so, leaves it to all that is read after.
            if type_ == "credentials":
                OmegaConf.clear_resolver("oc.env")
    return answers


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    os.environ["CONF_TEST"] = "set"
    os.environ.pop("CONF_NOT_SET", None)
    top = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm")
                           else None)
    roots = [f"{top}/{i}" for i in range(count)]
    made = [make(root) for root in roots]
    params = [runtime() for _ in roots]
    got = ask(sys.argv[1], [(r, m["env"], p) for r, m, p
                            in zip(roots, made, params)])
    agreed = refused = on_purpose = wrong = 0
    for root, args, given, answer in zip(roots, made, params, got):
        ours, theirs = parse(answer, TYPES), expected(root, args, given)
        if "all" in ours and "all" not in theirs:
            ours = {type_: ours["all"] for type_ in theirs}
        for type_, want in theirs.items():
            have = ours.get(type_, "(nothing)")
            if want[0] == "!" and have[0] == "!":
                refused += 1
            elif want == "=None" and have == "={}" and (
                    args["env"] == args["base_env"]):
                agreed += 1
            elif want[0] == have[0] == "=" and only_texts(want, have):
                on_purpose += 1
            elif want[0] == have[0] == "=" and same(want, have):
                agreed += 1
            elif (want.startswith(LENIENT) or any(s in have for s in STRICTER)
                  or given and want.startswith(SYNTAX)
                  or is_reread(args, type_, have)
                  or is_apart(root, type_, given, want)):
                on_purpose += 1
            else:
                wrong += 1
                if wrong < 6:
                    show(root)
                    print("--env", args["env"], "--params", given)
                    print(f"{type_}: want {want}\n{' ' * len(type_)}  "
                          f"got  {have}")
    shutil.rmtree(top)
    print(f"{agreed} agree, {refused} refused by both, {on_purpose} "
          f"on purpose, {wrong} disagree")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
