#!/bin/sh
# The pipeline: squares of the numbers in data/01_raw, and their mean.
set -eu
cd "$(dirname "$0")"
mkdir -p data/02_results
awk '{ print $1, $1 * $1 }' data/01_raw/numbers.txt >data/02_results/squares.txt
awk '{ sum += $2 } END { printf "{\"mean_square\": %g}\n", sum / NR }' \
	data/02_results/squares.txt >data/02_results/metrics.json
