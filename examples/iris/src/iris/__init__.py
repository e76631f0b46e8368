"""Fisher's irises, classified by a small Kedro pipeline."""

__version__ = "0.1.0"
