"""Parcels: the heavy ones, those of each route, and what was learned."""
from kedro.pipeline import Pipeline, node


def weigh(parcels, max_weight, label):
    if label == "bad":
        raise ValueError(label)
    return parcels[parcels["weight"] > max_weight]


def sort(parcels):
    return dict(iter(parcels.groupby("route")))


def learn(heavy, model):
    return {"depth": model["depth"], "ids": list(heavy["id"])}


def judge(routes, learned):
    return {"error": [{"value": 0.5, "step": 0}, {"value": 0.25, "step": 1}],
            "routes": {"value": float(len(routes)), "step": 0}}


def create_pipeline(**kwargs):
    return Pipeline([
        node(weigh, ["parcels", "params:max_weight", "params:label"], "heavy",
             name="weigh", tags="lists"),
        node(sort, "parcels", "routes", name="sort", tags="lists"),
        node(learn, ["heavy", "params:model"], "model", name="learn"),
        node(judge, ["routes", "model"], "scores", name="judge"),
    ])
