# SPDX-License-Identifier: MIT
"""Names of artifacts that every store must take as they are."""

NAMES = [
    "plain.txt",
    "deep/er/file.bin",
    "with space.txt",
    "plus+and&more=?.csv",
    "per%cent%20.json",
    "#hash;semi:colon,comma",
    "quotes'\"`$!*().txt",
    "täst/日本語/😀.md",
    "tilde~under_dash-.dot",
    "<xml>&amp;.txt",
    "[brackets]{braces}|^",
    "x" * 200,
]
# A slash to some.
BACKSLASH = "back\\slash"
