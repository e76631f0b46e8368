"""Where Kedro 0.16 finds pipelines and hooks."""
import os

from kedro.framework.context import KedroContext

from harvest.pipeline import create_pipelines


def hooks():
    if os.environ.get("WITHOUT_PLUGIN"):
        return ()
    from kedro_mlflow.framework.hooks import (
        MlflowNodeHook,
        MlflowPipelineHook,
    )
    return MlflowNodeHook(), MlflowPipelineHook(model_name="harvest")


class ProjectContext(KedroContext):
    project_name = "Harvest"
    project_version = "0.16.6"
    package_name = "harvest"
    hooks = hooks()

    def _get_pipelines(self):
        return create_pipelines()
