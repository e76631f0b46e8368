"""All pipelines by name."""
from depot.pipeline import create_pipeline


def register_pipelines():
    whole = create_pipeline()
    return {"__default__": whole, "lists": whole.only_nodes_with_tags("lists"),
            "explore": whole.only_nodes_with_tags("lists")}
