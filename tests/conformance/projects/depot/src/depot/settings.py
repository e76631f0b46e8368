"""Templates in the configuration, as Kedro 0.18 has them."""
import os

from kedro.config import TemplatedConfigLoader

CONFIG_LOADER_CLASS = TemplatedConfigLoader
CONFIG_LOADER_ARGS = {
    "globals_pattern": "*globals.yml",
    "globals_dict": {"unit": "kg"},
}
if os.environ.get("WITHOUT_PLUGIN"):
    DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow", "kedro-mlflow")
