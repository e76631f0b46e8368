# SPDX-License-Identifier: MIT
"""Rows 47 to 64 of docs/conformance.md: params."""

import pytest

FLAT = ("tracking:\n  params:\n    dict_params:\n      flatten: true\n"
        "      recursive: {}\n      sep: '{}'\n")


def params(project, text, rules=""):
    project.conf(parameters=text, mlflow=rules)
    project.sh()
    return project.run().params


def test_047(project):
    assert params(project, "param1: 1\n") == {"param1": "1"}


def test_048(project):
    got = params(project, "group: {param1: 1, param2: 2}\n")
    assert got == {"group": "{'param1': 1, 'param2': 2}"}


@pytest.mark.parametrize("row, text, recursive, sep, expected", [
    (49, "parameters: {param1: 1, param2: 2}", "false", "-",
     {"parameters-param1": "1", "parameters-param2": "2"}),
    (50, "a: 1\nb: 2", "true", ".", {"a": "1", "b": "2"}),
    (51, "b: {c: 1, d: 2}", "true", ".", {"b.c": "1", "b.d": "2"}),
    (52, "b: {c: 1, d: {e: 2, f: {g: 3}}}", "true", ".",
     {"b.c": "1", "b.d.e": "2", "b.d.f.g": "3"}),
    (53, "b: {c: 1, d: {e: 2, f: {g: 3}}}", "false", ".",
     {"b.c": "1", "b.d": "{'e': 2, 'f': {'g': 3}}"}),
    (54, "1: {4: {6.7: 5}, 3: x}", "true", "_",
     {"1_4_6.7": "5", "1_3": "x"}),
    (54, "1: {4: {6.7: 5}}", "false", "_", {"1_4": "{6.7: 5}"}),
    (55, "b: {d: {f: {g: 3}}}", "true", "_", {"b_d_f_g": "3"})])
def test_049_050_051_052_053_054_055(project, row, text, recursive, sep,
                                     expected):
    rules = FLAT.format(recursive, sep)
    assert params(project, text + "\n", rules) == expected


def test_056(project):
    got = params(project, "a-b: 1\na/b: 1\na.b: 1\n'a:b': 1\n")
    assert set(got) == {"a-b", "a/b", "a.b", "a:b"}


def test_057(project):
    project.conf(parameters="'[invalid]$param': 1\n")
    result = project.sh()
    assert project.run().params == {"_invalid__param": "1"}
    assert "[invalid]$param" in result.stderr


STRATEGY = "tracking:\n  params:\n    long_params_strategy: "


@pytest.mark.parametrize("length", [5990, 6000])
@pytest.mark.parametrize("strategy", ["fail", "tag", "truncate"])
def test_058(project, length, strategy):
    got = params(project, f"p: {'x' * length}\n", STRATEGY + strategy + "\n")
    assert got == {"p": "x" * length}


def test_059(project):
    got = params(project, f"p: {'x' * 6020}\n", STRATEGY + "truncate\n")
    assert got == {"p": "x" * 6000}


def test_060(project):
    project.conf(parameters=f"a: 1\np: {'x' * 6020}\n")
    project.refused(message="parameters.yml:2:1: parameter 'p' has 6020")
    assert not project.runs()


def test_061(project):
    assert params(project, f"p: {'x' * 6020}\n", STRATEGY + "tag\n") == {}
    assert project.run().tags["p"] == "x" * 6020


def test_062(project):
    got = params(project, "b: true\nn: null\nl: [1, 2]\nf: 0.1\ng: 1e-05\n")
    assert got == {"b": "True", "n": "None", "l": "[1, 2]", "f": "0.1",
                   "g": "1e-05"}


def test_063(project):
    project.conf(parameters="a: 1\n").sh()
    id_ = project.run().id
    project.sh("true", "--run-id", id_)
    project.conf(parameters="a: 2\n")
    result = project.sh("true", "--run-id", id_)
    assert project.run().params == {"a": "1"}
    assert "in the run" in result.stderr


def test_064(project):
    project.conf(parameters="a: {x: 1, y: 2}\nb: base\nc: 0\n",
                 local_parameters="b: local\n")
    project.kedro("--params", "c=3,n.m=[1]")
    assert project.run().params == {"a": "{'x': 1, 'y': 2}", "b": "local",
                                    "c": "3", "n": "{'m': [1]}"}
