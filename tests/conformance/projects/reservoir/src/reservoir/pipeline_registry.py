"""All pipelines by name."""
from reservoir.pipeline import create_pipeline


def register_pipelines():
    whole = create_pipeline()
    return {"__default__": whole, "levels": whole.only_nodes_with_tags("levels"),
            "report": whole.only_nodes_with_tags("report")}
