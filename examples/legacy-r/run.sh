#!/bin/sh
# The nightly job as it has always been: three R programs, one after another.
set -eu
cd "$(dirname "$0")"
mkdir -p data/05_model_input data/06_models data/07_model_output \
	data/08_reporting
for step in split train predict; do
	Rscript --vanilla "R/$step.R"
done
