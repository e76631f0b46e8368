"""Environments of this project; without the plugin where that is wished."""
import os

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft"},
}
if os.environ.get("WITHOUT_PLUGIN"):
    DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow", "kedro-mlflow")
