#!/bin/sh
# The pipeline: four steps, each a program that reads files and writes files.
set -eu
cd "$(dirname "$0")"
mkdir -p data/05_model_input data/06_models data/07_model_output \
	data/08_reporting

# parameter NAME - its value in conf/base/parameters.yml.
parameter() {
	sed -n "s/^$1: *//p" conf/base/parameters.yml
}

awk -f src/split.awk -v ratio="$(parameter example_test_data_ratio)" \
	data/01_raw/iris.csv
awk -f src/train.awk -v steps="$(parameter example_num_train_iter)" \
	-v rate="$(parameter example_learning_rate)" \
	data/05_model_input/train.csv >data/06_models/trained_model.csv
awk -f src/predict.awk data/06_models/trained_model.csv \
	data/05_model_input/test.csv >data/07_model_output/predictions.csv
awk -f src/report.awk data/07_model_output/predictions.csv \
	>data/08_reporting/report.json
