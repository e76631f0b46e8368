# The rows of docs/conformance.md; CONFORMANCE_PYTHON has mlflow and pytest,
# and kedro with kedro-mlflow for the differential test.
CONFORMANCE_PYTHON ?= build/venv/e2e/bin/python

.PHONY: check-conformance
check-conformance: all ## kedro-mlflow's behaviour, row by row
	$(Q)$(CONFORMANCE_PYTHON) -m pytest tests/conformance
