# SPDX-License-Identifier: MIT
"""Reads tests/data/bad_config.txt: what is wrong in a project, and its message."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Case:
    name: str
    section: str  # the word before ":" of the comment above it, or ""
    files: dict = field(default_factory=dict)  # name -> bytes
    missing: list = field(default_factory=list)
    command: list = field(default_factory=list)
    variables: dict = field(default_factory=dict)
    message: str = ""


def _bytes(text: str) -> bytes:
    return re.sub(rb"\\x([0-9a-f]{2})",
                  lambda m: bytes([int(m.group(1), 16)]), text.encode())


def _take(case: Case, kind: str, text: str):
    if kind == "@":
        case.files[text] = b""
        return
    last = next(reversed(case.files), None)
    if kind == "|":
        case.files[last] += _bytes(text) + b"\n"
    elif kind == ".":
        case.files[last] += _bytes(text)
    elif kind == "*":
        count, _, text = text.partition(" ")
        case.files[last] += _bytes(text) * int(count)
    elif kind == "-":
        case.missing.append(text)
    elif kind == "$":
        case.command = shlex.split(text)
    elif kind == "!":
        name, _, value = text.partition("=")
        case.variables[name] = value
    elif kind == ">":
        case.message = text


def read_table(path: Path) -> list:
    cases, section = [], ""
    for line in path.read_text().split("\n"):
        if line.startswith("#"):
            section = line[2:].partition(":")[0]
        elif line.startswith("== "):
            cases.append(Case(line[3:], section))
        elif line:
            kind = line[0]
            text = line[2:] if kind in "@-$!>" else line[1:]
            _take(cases[-1], kind, text)
    return cases
