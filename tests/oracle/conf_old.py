#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random conf/ trees, read by kmlflow and by the loaders of older Kedros.

    conf_old.py DRIVER [COUNT [SEED]]

Needs kedro 0.18, for projects of 0.17 and 0.18, or 0.16.  Prints the counts; exits 1 on disagreement.  What is
compared is the repr() of each type's tree by ConfigLoader or by
TemplatedConfigLoader, of --params, and of the parameters with these over
them; or that both refuse it.  Counted apart, being refused
or told by kmlflow on purpose: texts with Jinja2 in them, lists that contain
themselves, and files that are neither YAML nor JSON.
"""
import importlib.util
import logging
import os
import pathlib
import random
import shutil
import sys
import tempfile
import warnings

import kedro
from kedro.config import (
    ConfigLoader,
    MissingConfigException,
    TemplatedConfigLoader,
)
try:
    from kedro.config.common import _get_config_from_patterns
except ImportError:
    _get_config_from_patterns = None  # 0.16 has none, nor a use for it
from trees import ask, parse, same, show, write, write_settings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

IS_016 = kedro.__version__.startswith("0.16")
TYPES = ["parameters", "catalog", "credentials", "mlflow"]
PATTERNS = {"mlflow": ["mlflow*", "mlflow*/**", "**/mlflow*"]}
OTHER_PATTERNS = {**PATTERNS, "parameters": ["params*", "**/tuning/*"]}
STRICTER = ("begins a Jinja2 template", "stands inside what it names",
            "is not read, though this project's Kedro does")
SIGNS = ["=", "=", ":", ":", " = ", ": ", " :"]
NUMBERS = ["1", "1.5", "1e3", "-0", "1.0", "1e400", "nan", "-Infinity", "1_0",
           "0x10", "1_", ".5", "5.", "+3", "1 2", "007", "12345678901234567890",
           "1e-7", "_1", "1__0", "1e1_0", "infinity", "1e22"]
WORDS = ["x", "true", "null", "a:b", "a=b", "'q'", "a.b", "[1", "{a", "é", "",
         "2020-01-02", "~", "on", "http://h:1/x?a=b", "1:30", " x  y "]
KEYS = ["a", "b", "c", "d", "_x", "e-f", "l", "é", "'1'"]
ODD_KEYS = ["1", "true", "null", "1.5", "2020-01-02", "'_y'", "${a}",
            "k_${a.b|x}", "'${b}${c|}'", "on", "~"]
PLAIN = ["1", "1.5", "true", "off", "Yes", "null", "text", "''", "'q w'",
         "1e3", "1.0e+3", "1_000", "0o17", "017", "0x1F", "1:30", "-3", ".inf",
         "2020-01-02", "2020-01-02 03:04:05", "2020-01-02T03:04:05Z", "~", "",
         "[]", "{}", "[1, b]", "é", '"\\u00e9\\n"', "!!str 1", "!!int '7'",
         "!!timestamp 2020-01-02", "!!float 1", "!!bool 'on'", "!!null ''",
         "{a: 1, b: {c: 2}}", "a_b", "'it''s'", "1,000", "=x", "@x"[1:], "-"]
PATHS = ["a", "b", "c", "a.b", "b.c", "c.a.b", "d", "l", "_x", "e", "a.a", "1",
         "a.1", "nope", "nope.a", "b.", ".b", "a..b", "u", "u.v"]
WRAP = ["%s", "%s", "%s", "x%s", "%s/y", "$%s", "{%s", "%s}", "a %s b %s",
        "%s%s", "\\\\%s", "%%%s"]
DEFAULTS = ["x", "", "1", "a b", "${b", "|", "a|b", "true", "[1]", "é", "{"]
BLOCKS = ["|\n  one\n  two\n", ">\n  one\n  two\n", "|-\n  one\n",
          "|+\n  one\n\n", "\n  a: 1\n", "\n  - 1\n  - a: b\n", "\n- 1\n- 2\n",
          "'one\n\n  two'\n", "one\n  two\n", "# nothing\n", "1 # one\n"]
JSON = ["1", "-0", "1.5", "1e3", "1E-3", "2.5e10", "true", "false", "null",
        '"text"', '""', '"\\u00e9\\/\\n"', '"\\ud83d\\ude00"', "[]", "{}",
        "[1, \"b\"]", '{"a": {"b": 2}}', '"2020-01-02"', '"yes"', "NaN",
        "-Infinity", "123456789012345678901234567890", '"1"', '"${a}"',
        '"${b.c|z}"', '{"a":1,"b":[]}']
NO_JSON = ["yes", "'x'", "[1,]", "{a: 1}", "01", "+1", ".5", "1.", "text", "",
           '"a\tb"', "0x1", "1_0", '"\\x41"', "{} # x", "~", "tRue", "-", "Nan"]
EXTENSIONS = [".yml"] * 14 + [".yaml"] * 2 + [".json"] * 4 + [
    ".txt", ".yml.bak", ".YML", "", ".ini"]
PLACES = ["", "", "", "_more", "-2", "/deep", "s/x/y", "_a/catalog_b",
          "/.hidden", "../sub/%s", "../sub/%s_b", "../.%s", "../.h/%s",
          "../sub/%s/x", "../tuning/x", "../params", "../sub/mlflow_%s"]


def runtime():
    """What --params is given."""
    sign = [":"] if IS_016 else SIGNS
    return ",".join(
        random.choice(["a", "b", "c", "a.b", "b.c.a", "d.x", " l ", "é", "1",
                       "u.v.w", "e-f"]) + random.choice(sign) +
        random.choice(NUMBERS + WORDS)
        for _ in range(random.choice([0, 1, 1, 2, 3])))


def template():
    path = random.choice(PATHS)
    if random.random() < .4:
        path += "|" + random.choice(DEFAULTS)
    if random.random() < .08:
        path = random.choice(["", " a", "a b", "a-b", "a:b", "é", "a.b ", "|x",
                              "a}", "[a]", "a.*", "${a}", "a['b']"])
    return "${" + path + "}"


def text():
    form = random.choice(WRAP)
    made = form.replace("%s", "\0").replace("%%", "%")
    while "\0" in made:
        made = made.replace("\0", template(), 1)
    return made


def quoted(value):
    if random.random() < .3 and value.isascii() and not set(value) & set(
            "[]{},&*#?|-<>=!%@\\\"' :"):
        return value
    return "'" + value.replace("'", "''") + "'"


def node(depth, dense):
    kind = random.random()
    if kind < dense:
        return quoted(text())
    if kind < .75 or depth > 2:
        return random.choice(PLAIN) or "''"
    if kind < .85:
        return "[" + ", ".join(node(depth + 1, dense)
                               for _ in range(random.randint(0, 3))) + "]"
    keys = random.sample(KEYS, random.randint(0, 3))
    if random.random() < .15:
        keys.append(key(dense, depth))
    return "{" + ", ".join(k + ": " + node(depth + 1, dense)
                           for k in keys) + "}"


def key(dense, depth=0):
    if random.random() < dense / 2:
        return quoted(text())
    odd = random.choice(ODD_KEYS)
    return "'%s'" % odd if depth and "$" in odd and odd[0] != "'" else odd


def item(name, dense):
    if random.random() < .15:
        block = random.choice(BLOCKS)
        return f"{name}:{'' if block[0] == chr(10) else ' '}{block}"
    return f"{name}: {node(0, dense)}\n"


def mapping(dense):
    names = random.sample(KEYS, random.randint(1, 4))
    if random.random() < .05:
        names.append(random.choice(names + [key(dense)]))
    items = [item(n, dense) for n in names]
    if random.random() < .1:
        items.insert(0, "_base: &base {a: 1, p: '${a}', '${b|q}': 2}\n")
        items.append(random.choice(["m: {<<: *base, a: 2}\n", "n: *base\n",
                                    "<<: *base\n"]))
    made = "".join(items)
    if random.random() < .05:
        made = made.replace("\n", "\r\n")
    if random.random() < .02:
        made = "\ufeff" + made
    return made[:-1] if random.random() < .2 else made


def json_mapping(dense):
    """What Kedro's reader of JSON takes, and YAML's would not, too."""
    wrong = random.random() < .1
    return "{" + ",".join(
        random.choice([" ", "\n\t", ""]) + '"%s":%s%s' % (
            k.strip("'"), random.choice(["", " "]),
            random.choice(NO_JSON if wrong and random.random() < .4 else JSON))
        for k in random.sample(KEYS + ["a"], random.randint(0, 4))) + "}"


def content(dense, ext):
    odd = random.random()
    if odd < .03:
        return random.choice(["", "\n", "# nothing\n", "---\n", "{}\n",
                              "null\n", "[]\n", "- a\n", "text\n", "3\n",
                              "a: 1\n---\nb: 2\n", "a: b: c\n", "a: [\n",
                              "\tb: 1\n", "a: &x [*x]\n", "...\n", "''\n"])
    if odd < .05 and dense:
        return random.choice(["a: '{{ 1 }}'\n", "{# x #}\na: 1\n",
                              "{% if 1 %}\na: 1\n{% endif %}\n",
                              "a: '{# '\n", "a: '{{'\n", "a: '}}'\n"])
    if ext == ".ini":
        return "[a]\nb = 1\n"
    return json_mapping(dense) if ext == ".json" else mapping(dense)


def literal(depth=0):
    """A value of globals_dict, as Python writes it."""
    if depth < 2 and random.random() < .4:
        return {k: literal(depth + 1) for k in random.sample(
            ["a", "b", "c", "_x", "é"], random.randint(0, 3))}
    return random.choice([1, 1.5, True, None, "text", "", "${a}", [1, "b"],
                          -3, 1e22, "it's"])


def make_globals(root, environments):
    for env in environments:
        for name in ["globals.yml", "my_globals.yml", "sub/globals.yml",
                     "globals.yaml", "globals.json"]:
            if random.random() < (.5 if name == "globals.yml" else .05):
                ext = name[name.index("."):]
                write(f"{root}/conf/{env}/{name}",
                      content(random.choice([0, 0, .2]), ext))


def make(root):
    """A tree, the loader's class, and the arguments that it gets."""
    templated = random.random() < .6
    args = {"config_patterns": random.choice([PATTERNS, PATTERNS,
                                              OTHER_PATTERNS])}
    base, local = random.choice([("base", "local")] * 4 + [("all", "mine")])
    if IS_016:
        args, base, local = {}, "base", "local"
    if base == "all":
        args.update(base_env=base, default_run_env=local)
    environments = [base, local, "prod"]
    if templated:
        if random.random() < .9:
            args["globals_pattern"] = random.choice(
                ["*globals.yml"] * 5 + ["globals*", "**/*globals.yml",
                                        "[gm]*globals.y?ml", "globals.*"])
        if random.random() < .4:
            args["globals_dict"] = {k: literal() for k in random.sample(
                ["a", "b", "c", "u", "_x"], random.randint(0, 3))}
        make_globals(root, environments)
    for env in environments:
        if random.random() < .98:
            os.makedirs(f"{root}/conf/{env}", exist_ok=True)
    dense = random.choice([.05, .15, .3]) if templated else .03
    for env in environments:
        for type_ in TYPES:
            for _ in range(random.choice([0, 1, 1, 2])):
                place = random.choice(PLACES)
                ext = random.choice(EXTENSIONS)
                path = (place.replace("%s", type_)[3:] if place[:2] == ".."
                        else type_ + place) + ext
                path = f"{root}/conf/{env}/{path}"
                if os.path.isdir(f"{root}/conf/{env}") and not any(
                        os.path.isfile(p) for p in ancestors(path)):
                    if not os.path.isdir(path):
                        write(path, content(dense, ext))
    class_ = TemplatedConfigLoader if templated else ConfigLoader
    if IS_016:
        write_016(root, args if templated else None)
    elif templated and base == "base" and random.random() < .3:
        args["config_patterns"] = PATTERNS
        class_ = Templated017
        write_settings(root, "0.17.7", "from p.hooks import ProjectHooks\n\n"
                       "HOOKS = (ProjectHooks(),)\n")
        write(root + "/src/p/hooks.py", HOOKS % given(args))
    else:
        write_settings(root, "0.18.14", settings(templated, args))
    return class_, args, random.choice([None, None, "prod", "prod", base])


def ancestors(path):
    while len(path) > 1:
        path = os.path.dirname(path)
        yield path


def settings(templated, args):
    """What chooses the loader in Kedro 0.18."""
    name = "TemplatedConfigLoader" if templated else "ConfigLoader"
    shown = f"CONFIG_LOADER_ARGS = {args!r}\n"
    if not templated and random.random() < .5:
        return shown  # it is what this Kedro takes
    return random.choice([
        f"from kedro.config import {name}\n\nCONFIG_LOADER_CLASS = {name}\n",
        f"import kedro.config\nCONFIG_LOADER_CLASS = kedro.config.{name}\n",
        f"from kedro.config import (\n    {name},\n)\n"
        f"CONFIG_LOADER_CLASS = ({name})  # as it was\n"]) + shown


HOOKS = '''from kedro.config import TemplatedConfigLoader
from kedro.framework.hooks import hook_impl


class ProjectHooks:
    @hook_impl
    def register_config_loader(self, conf_paths, env, extra_params):
        return TemplatedConfigLoader(conf_paths%s)
'''
RUN = '''from kedro.config import TemplatedConfigLoader
from kedro.framework.context import KedroContext


class ProjectContext(KedroContext):
    def _create_config_loader(self, conf_paths):
        return TemplatedConfigLoader(
            conf_paths%s
        )
'''


def given(args):
    return "".join(f", {k}={v!r}" for k, v in args.items()
                   if k.startswith("globals"))


def write_016(root, args):
    """A project of Kedro 0.16; args None: with its plain loader."""
    write(root + "/.kedro.yml", "context_path: p.run.ProjectContext\n"
          "project_name: p\nproject_version: 0.16.6\npackage_name: p\n")
    if args is not None:
        write(root + "/src/p/run.py", RUN % given(args))


class Templated017(TemplatedConfigLoader):
    """As it was: what Jinja2 renders are the files of globals, too."""

    def __init__(self, *pos, globals_pattern=None, globals_dict=None, **args):
        super().__init__(*pos, **args)
        found = globals_pattern and _get_config_from_patterns(
            self.conf_paths, [globals_pattern], ac_template=True)
        self._config_mapping = {**(found or {}), **(globals_dict or {})}


def loader_of(root, class_, args, env):
    if not IS_016:
        return class_(root + "/conf", env=env, **args)
    return class_([f"{root}/conf/{e}" for e in ("base", env or "local")],
                  **args)


def load(loader, type_):
    if not IS_016:
        return loader[type_]
    return loader.get(type_ + "*", type_ + "*/**", "**/" + type_ + "*")


def template_of_016():
    """The command line of a project of its time."""
    path = os.path.join(os.path.dirname(kedro.__file__), "templates",
                        "project", "{{ cookiecutter.repo_name }}",
                        "kedro_cli.py")
    spec = importlib.util.spec_from_file_location("kedro_cli", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if IS_016:
    split_params = template_of_016()._split_params
    lay_over = dict.update
else:
    from kedro.framework.cli.utils import _split_params as split_params
    from kedro.framework.context.context import (
        _update_nested_dict as lay_over,
    )


def split(params):
    """None: Kedro would end with an error; kmlflow leaves that to it."""
    try:
        return split_params(None, None, params)
    except Exception:
        return None


def expected(root, class_, args, env, params):
    # That of 0.17 is another, and this Kedro is none of it.
    given = {} if class_ is Templated017 else split(params)
    answers = {} if given is None else {"runtime": "=" + repr(given)}
    try:
        loader = loader_of(root, class_, args, env)
    except Exception as error:
        return {"all": "!" + str(error)}
    for type_ in TYPES if answers else TYPES[1:]:
        try:
            tree = load(loader, type_)
            if type_ == "parameters":
                lay_over(tree, split(params) or {})
            answers[type_] = "=" + repr(tree)
        except MissingConfigException:
            answers[type_] = "=None"
        except Exception as error:
            answers[type_] = f"!{type(error).__name__}: {error}"
    return answers


def has_ini(root, type_):
    """What it says takes the place of what we find wrong in base."""
    return any(type_ in str(p.relative_to(root))
               for p in pathlib.Path(root, "conf").rglob("*.ini"))


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    top = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm")
                           else None)
    roots = [f"{top}/{i}" for i in range(count)]
    made = [make(root) for root in roots]
    params = ["" if m[0] is Templated017 else runtime() for m in made]
    got = ask(sys.argv[1], [(r, m[2], p) for r, m, p
                            in zip(roots, made, params)])
    agreed = refused = on_purpose = wrong = 0
    for root, (class_, args, env), given_, answer in zip(roots, made, params,
                                                         got):
        ours = parse(answer, TYPES + ["runtime"])
        theirs = expected(root, class_, args, env, given_)
        if "all" in ours:
            theirs.pop("runtime", None)
            ours = {type_: ours["all"] for type_ in theirs}
        elif "all" in theirs:
            theirs = {type_: theirs["all"] for type_ in TYPES}
        for type_, want in theirs.items():
            have = ours.get(type_, "(nothing)")
            if want[0] == "!" and have[0] == "!":
                refused += 1
            elif want[0] == have[0] == "=" and same(want, have):
                agreed += 1
            elif have[0] == "!" and (any(s in have for s in STRICTER)
                                     or has_ini(root, type_)):
                on_purpose += 1
            else:
                wrong += 1
                if wrong < int(os.environ.get("SHOWN", 6)):
                    show(root)
                    print("--env", env, "--params", given_)
                    print(f"{type_}: want {want}\n{' ' * len(type_)}  "
                          f"got  {have}")
    shutil.rmtree(top)
    print(f"{agreed} agree, {refused} refused by both, {on_purpose} "
          f"on purpose, {wrong} disagree")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
