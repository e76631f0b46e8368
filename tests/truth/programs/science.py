# SPDX-License-Identifier: MIT
"""Packages that write files their own way: those named as arguments."""

import sys


def numpy():
    import numpy as np

    a = np.arange(10)
    np.save("out/a.npy", a)
    np.savez("out/a.npz", a)
    np.savez_compressed("out/c.npz", a)
    np.savetxt("out/a.txt", a)
    a.tofile("out/a.bin")
    m = np.memmap("out/a.map", dtype="u1", mode="w+", shape=(9,))
    m[:] = 1
    m.flush()
    np.lib.format.open_memmap("out/b.npy", "w+", "u1", shape=(9,))[:] = 2


def pandas():
    import pandas as pd

    d = pd.DataFrame({"a": [1, 2]})
    d.to_csv("out/d.csv")
    d.to_csv("out/d.csv.gz")
    d.to_pickle("out/d.pickle")
    d.to_json("out/d.json")
    d.to_html("out/d.html")
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return
    d.to_parquet("out/d.parquet")
    d.to_feather("out/d.feather")


def joblib():
    import joblib as j

    j.dump([1], "out/j.joblib")
    j.dump([1], "out/z.joblib", compress=3)
    j.Parallel(2)(j.delayed(j.dump)(i, f"out/p{i}") for i in range(4))


def matplotlib():
    import matplotlib as m

    m.use("Agg")
    from matplotlib import pyplot

    pyplot.plot([1, 2])
    for kind in ("png", "svg", "pdf"):
        pyplot.savefig(f"out/p.{kind}")


def h5py():
    import h5py as h

    with h.File("out/h.h5", "w") as f:
        f["x"] = [1, 2]
    with h.File("out/h.h5", "a") as f:
        f["y"] = 1


for name in sys.argv[1:]:
    globals()[name]()
