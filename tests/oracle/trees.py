# SPDX-License-Identifier: MIT
"""What the comparisons of conf/ trees share: writing, asking, comparing."""
import datetime
import os
import subprocess

NAMES = {"nan": float("nan"), "inf": float("inf"), "datetime": datetime}


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(content)


def write_settings(root, version, text):
    """A project of that Kedro, and its settings.py."""
    write(root + "/pyproject.toml", "[tool.kedro]\npackage_name = 'p'\n"
          f"project_name = 'p'\nkedro_init_version = '{version}'\n")
    write(root + "/src/p/settings.py", text)


def show(root):
    for where, _, names in os.walk(root):
        for name in sorted(names):
            with open(os.path.join(where, name), encoding="utf-8") as f:
                print("--", os.path.join(where, name)[len(root) + 1:])
                print(f.read(), end="")


def ask(driver, records):
    """The driver's answer to each (root, environment or None, --params)."""
    asked = b"".join(f"{r}\t{e or ''}\t{p}\0".encode() for r, e, p in records)
    got = subprocess.run([driver], input=asked, check=True,
                         stdout=subprocess.PIPE).stdout
    return [a.decode() for a in got.split(b"\0")[:-1]]


def parse(answer, types):
    """"=VALUE" or "!MESSAGE" of each type, or of "all"."""
    out = {}
    for line in answer.split("\n"):
        for type_ in types + ["all"]:
            if line[:len(type_)] == type_ and line[len(type_)] in "=!":
                out[type_] = line[len(type_):]
    return out


def in_order(value):
    """Values whose mappings come from several files, in any order."""
    if isinstance(value, dict):
        return {k: in_order(v) for k, v in
                sorted(value.items(), key=lambda p: repr(p[0]))}
    return [in_order(v) for v in value] if isinstance(value, list) else value


def value_of(answer):
    return eval(answer[1:], NAMES)


def same(want, have):
    return want == have or (repr(in_order(value_of(want))) ==
                            repr(in_order(value_of(have))))
