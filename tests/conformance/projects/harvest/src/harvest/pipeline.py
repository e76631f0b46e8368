"""Yields of fields: cleaned, averaged by crop, and forecast."""
from kedro.pipeline import Pipeline, node


def clean(lines, least):
    rows = [line.split(",") for line in lines.strip().split("\n")[1:]]
    return "".join(f"{crop},{amount}\n" for crop, amount in rows
                   if float(amount) >= least)


def average(cleaned):
    amounts = {}
    for line in cleaned.strip().split("\n"):
        crop, amount = line.split(",")
        amounts.setdefault(crop, []).append(float(amount))
    return {crop: sum(all_) / len(all_) for crop, all_ in amounts.items()}


def forecast(averages, model):
    return {crop: round(value * model["growth"] ** model["years"], 3)
            for crop, value in averages.items()}


def create_pipelines(**kwargs):
    prepare = Pipeline([
        node(clean, ["fields", "params:least_yield"], "cleaned", name="clean"),
        node(average, "cleaned", "averages", name="average"),
    ], tags="prepare")
    predict = Pipeline([
        node(forecast, ["averages", "params:model"], "forecasts",
             name="forecast"),
    ])
    return {"prepare": prepare, "predict": predict,
            "__default__": prepare + predict}
