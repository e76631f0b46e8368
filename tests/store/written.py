# SPDX-License-Identifier: MIT
"""A store with all that is awkward in it, and what was put there."""

RUN = "0123456789abcdef0123456789abcdef"
DIGITS = "11111111111111111111111111111111"  # a number to a careless reader
EXPONENT = "12e45678901234567890123456789012"  # and this too
OTHER = "fedcba9876543210fedcba9876543210"

PARAMS = {
    "plain": "1",
    "empty": "",
    "lines": "one\ntwo\n\nthree\n",
    "spaces": "  both sides  ",
    "unicode": "Füße · 漢字 · 🌍 · \u2028",
    "quotes": "it's \"quoted\": {a: [1, 2]} # no comment",
    "yes": "true",
    "long": "x" * 6000,
    "nested/deeper/key": "0.1",
    "with space.and-dots_too": "ok",
    "straße": "umlaut in the name",
    "carriage": "a\r\nb",
    "tab": "\t",
}
TAGS = {
    "mlflow.note.content": "# Title\n\nwith *markdown*\n",
    "mlflow.user": "someone",
    "mlflow.source.type": "LOCAL",
    "kmlflow.exit_code": "0",
    "empty": "",
    "folder/tag": "v",
    "unicode": "Ω≈ç√",
}
POINTS = [  # value, timestamp, step
    ("0.1", 1000, 0),
    ("0.30000000000000004", 2000, 1),
    ("1e-05", 3000, 2),
    ("1e+300", 4000, 3),
    ("-0.0", 5000, -1),
    ("7", 5500, 4),
    ("123456789012345.6", 6000, 5),
]
NAME = "it's a run: 100% 漢字"

FILES = {
    "top.txt": "top\n",
    "a/b c/ü.bin": "\x00\x01\xff\n",
    "a/empty": "",
    "50% off+x.csv": "x,y\n",
}


def fill(store):
    store.ids = {
        "names": store.experiment("it's: an #experiment\n'two' lines", "create"),
        "number": store.experiment("0123", "create"),
        "gone": store.experiment("gone", "create"),
        "elsewhere": store.experiment("elsewhere", "create", store.cwd / "else where"),
    }
    log = []
    for key, value in PARAMS.items():
        log += ["param", key, value]
    for key, value in TAGS.items():
        log += ["tag", key, value]
    for value, timestamp, step in POINTS:
        log += ["metric", "loss/train", value, timestamp, step]
    log += ["metric", "nan", "nan", 1, 0, "metric", "inf", "-inf", 1, 0]
    store.call("create", store.ids["names"], RUN, NAME, 1700000000123)
    store.call("log", RUN, *log)
    store.call("status", RUN, 4, 1700000001456)
    store.call("create", store.ids["number"], DIGITS, "-", 1, "a", "b")
    store.call("status", DIGITS, 5, 2)
    store.call("create", store.ids["elsewhere"], EXPONENT, "null", 1)
    store.call("create", "0", OTHER, "0777", 1)
    for key, text in FILES.items():
        (store.cwd / "file").write_bytes(text.encode("latin-1"))
        store.call("put", RUN, "file", key)
        store.call("put", EXPONENT, "file", key)
