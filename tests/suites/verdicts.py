# SPDX-License-Identifier: MIT
"""What a suite's own output says of each of its tests: name -> verdict."""

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


class Verdicts(dict):
    """Tests that share a name are told apart by their number."""

    def __init__(self):
        super().__init__()
        self._seen = Counter()

    def add(self, name: str, verdict: str):
        self._seen[name] += 1
        if self._seen[name] > 1:
            name = f"{name} #{self._seen[name]}"
        self[name] = verdict


def junit(place: Path, _output: str) -> Verdicts:
    """CPython's regrtest with --junit-xml."""
    found = Verdicts()
    path = place / "junit.xml"
    if not path.exists():
        return found
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        bad = kinds & {"failure", "error", "skipped"}
        name = ".".join(filter(None, [case.get("classname"), case.get("name")]))
        found.add(name, min(bad) if bad else "ok")
    return found


def _by_lines(pattern: str):
    """A test a line: the groups 'verdict' and 'name'."""
    line = re.compile(pattern, re.MULTILINE)

    def read(_place: Path, output: str) -> Verdicts:
        found = Verdicts()
        for m in line.finditer(output):
            found.add(" ".join(m["name"].split()), m["verdict"])
        return found

    return read


tcltest = _by_lines(
    r"^(?:\+{4}|={4}(?= \S+ \S.* FAILED)) (?P<name>\S+)(?:.*)"
    r" (?P<verdict>PASSED|SKIPPED|FAILED)\b"
)
go = _by_lines(r"^ *--- (?P<verdict>PASS|FAIL|SKIP): (?P<name>\S+)")
autotest = _by_lines(
    r"^ *\d+: (?P<name>.*\S) +"
    r"(?P<verdict>ok|FAILED|skipped|expected failure|UNEXPECTED PASS)\b"
)


def tap(_place: Path, output: str) -> Verdicts:
    """Perl's prove -v: 'file ..' and then its lines."""
    found = Verdicts()
    script = ""
    for line in output.splitlines():
        if m := re.match(r"(\S+\.t) \.+ ?(skipped: .*)?$", line):
            script = m[1]
            if m[2]:
                found.add(script, "skipped")
        elif m := re.match(r"(ok|not ok) (\d+)(?:.*# (skip|todo))?", line, re.I):
            skip = " (skipped)" if m[3] else ""
            found.add(f"{script} {m[2]}", m[1] + skip)
    return found


def automake(place: Path, _output: str) -> Verdicts:
    """The .trs file that Automake's harness writes beside each test."""
    found = Verdicts()
    for path in sorted(place.rglob("*.trs")):
        name = str(path.relative_to(place))[: -len(".trs")]
        text = path.read_text(errors="replace")
        m = re.search(r"^:global-test-result: (\S+)", text, re.MULTILINE)
        found.add(name, m[1] if m else "none")
    return found
