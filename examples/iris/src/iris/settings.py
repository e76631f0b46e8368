"""Kedro's settings of the project: the defaults serve."""
