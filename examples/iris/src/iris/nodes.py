"""The work itself, in plain Python: split, train, predict, report."""

import csv
import io
import logging
import math
import random
from operator import mul

log = logging.getLogger(__name__)

FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
SPECIES = ["setosa", "versicolor", "virginica"]


def split_data(text: str, test_data_ratio: float):
    """Shuffles the rows and cuts them into training and test data."""
    rows = list(csv.DictReader(io.StringIO(text)))
    random.shuffle(rows)
    # The leading 1 is the bias.
    x = [[1.0] + [float(row[name]) for name in FEATURES] for row in rows]
    y = [row["species"] for row in rows]
    n_test = int(len(rows) * test_data_ratio)
    return x[n_test:], y[n_test:], x[:n_test], y[:n_test]


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, z))))


def _fit(x: list, target: list, num_iter: int, rate: float) -> list:
    """Logistic regression of one species against the rest."""
    columns = list(zip(*x))
    weights = [0.0] * len(columns)
    step = rate / len(x)
    for _ in range(num_iter):
        miss = [
            _sigmoid(sum(map(mul, weights, row))) - t
            for row, t in zip(x, target)
        ]
        weights = [
            w - step * sum(map(mul, miss, column))
            for w, column in zip(weights, columns)
        ]
    return weights


def train_model(x: list, y: list, parameters: dict) -> dict:
    """One vector of weights for each species, by gradient descent."""
    num_iter = parameters["example_num_train_iter"]
    rate = parameters["example_learning_rate"]
    return {
        name: _fit(x, [float(label == name) for label in y], num_iter, rate)
        for name in SPECIES
    }


def predict(model: dict, x: list) -> str:
    """The likeliest species of each row, a line of CSV each."""
    lines = ["row,species"]
    for number, row in enumerate(x):
        score = {
            name: sum(map(mul, weights, row))
            for name, weights in model.items()
        }
        lines.append(f"{number},{max(score, key=score.get)}")
    return "\n".join(lines) + "\n"


def report_accuracy(predictions: str, y: list) -> dict:
    """How many of the predictions are right."""
    predicted = [row["species"] for row in csv.DictReader(io.StringIO(predictions))]
    right = sum(p == t for p, t in zip(predicted, y))
    accuracy = right / len(y)
    log.info("Model accuracy on test set: %0.2f%%", accuracy * 100)
    return {"accuracy": accuracy, "right": right, "rows": len(y)}
