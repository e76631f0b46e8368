"""Levels of water by month, and what they say of the year."""
from kedro.pipeline import Pipeline, node


def split(readings, scale):
    months = {}
    for line in readings.strip().split("\n")[1:]:
        day, level = line.split(",")
        months.setdefault(day[:7], []).append(f"{float(level) * scale:.2f}")
    return {month: "\n".join(levels) + "\n" for month, levels in months.items()}


def summarise(levels, options):
    every = {}
    for month, load in sorted(levels.items()):
        values = [float(v) for v in load().split()]
        every[month] = {"low": min(values), "high": max(values)}
    return every, {"mean": options["mean"], "months": len(every)}


def judge(summary, threshold):
    high = sum(m["high"] > threshold for m in summary.values())
    return high / len(summary)


def create_pipeline(**kwargs):
    return Pipeline([
        node(split, ["readings", "params:scale"], "levels", name="split",
             tags="levels"),
        node(summarise, ["levels", "params:options"],
             ["year.summary", "year.options"], name="summarise",
             tags="levels"),
        node(judge, ["year.summary", "params:threshold"], "flood_share",
             name="judge", tags="report"),
    ])
