"""The pipelines that ``kedro run`` knows."""

from kedro.pipeline import Node, Pipeline

from iris import nodes


def data_engineering() -> Pipeline:
    return Pipeline(
        [
            Node(
                nodes.split_data,
                ["example_iris_data", "params:example_test_data_ratio"],
                [
                    "example_train_x",
                    "example_train_y",
                    "example_test_x",
                    "example_test_y",
                ],
                name="split",
            )
        ]
    )


def data_science() -> Pipeline:
    return Pipeline(
        [
            Node(
                nodes.train_model,
                ["example_train_x", "example_train_y", "parameters"],
                "example_model",
                name="train",
            ),
            Node(
                nodes.predict,
                ["example_model", "example_test_x"],
                "example_predictions",
                name="predict",
            ),
            Node(
                nodes.report_accuracy,
                ["example_predictions", "example_test_y"],
                "example_report",
                name="report",
            ),
        ]
    )


def register_pipelines() -> dict[str, Pipeline]:
    de = data_engineering()
    ds = data_science()
    return {"de": de, "ds": ds, "__default__": de + ds}
