"""The run command of a 0.16 project, with the options that are used here."""
import os

import click
from kedro.framework.context import load_context


def _split(ctx, param, value):
    return [v.strip() for v in value.split(",")] if value else []


def _params(ctx, param, value):
    pairs = [item.split(":", 1) for item in value.split(",")] if value else []
    return {key.strip(): _number(text.strip()) for key, text in pairs}


def _number(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


@click.group(name=__file__)
def cli():
    """Commands of this project."""


@cli.command()
@click.option("--env", "-e")
@click.option("--pipeline")
@click.option("--tag", "-t", multiple=True)
@click.option("--node", "-n", "nodes", multiple=True)
@click.option("--from-nodes", callback=_split)
@click.option("--to-nodes", callback=_split)
@click.option("--from-inputs", callback=_split)
@click.option("--params", callback=_params)
def run(env, pipeline, tag, nodes, from_nodes, to_nodes, from_inputs, params):
    """Run the pipeline."""
    context = load_context(
        os.getcwd(), env=env or os.getenv("KEDRO_ENV"), extra_params=params)
    context.run(tags=tag, node_names=nodes, from_nodes=from_nodes,
                to_nodes=to_nodes, from_inputs=from_inputs, load_versions={},
                pipeline_name=pipeline)
