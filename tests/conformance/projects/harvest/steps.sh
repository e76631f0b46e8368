#!/bin/sh
# The pipeline of src/ without Python: what kmlflow sees is the same.
set -eu
least=${LEAST_YIELD:-0.5}
mkdir -p data/02_clean data/03_tables
awk -F, -v least="$least" 'NR > 1 && $2 >= least { print }' \
	data/01_raw/fields.csv >data/02_clean/fields.csv
awk -F, '{ n[$1]++; sum[$1] += $2 }
	END { for (c in n) print c, sum[c] / n[c] }' data/02_clean/fields.csv |
	sort >data/averages.tmp
awk 'BEGIN { printf "{" } { printf "%s\"%s\": %s", (NR > 1 ? ", " : ""), $1, $2 }
	END { print "}" }' data/averages.tmp >data/03_tables/averages.json
awk 'BEGIN { printf "{" }
	{ printf "%s\"%s\": %.3f", (NR > 1 ? ", " : ""), $1, $2 * 1.02 ^ 3 }
	END { print "}" }' data/averages.tmp >data/03_tables/forecasts.json
rm data/averages.tmp
