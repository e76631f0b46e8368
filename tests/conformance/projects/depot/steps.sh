#!/bin/sh
# What the nodes of this project would do, for the folder that is given.
set -eu
out=${1:-data/out}
max=${2:-40}
test "$DEPOT_TOKEN"
mkdir -p "$out/routes"
awk -F, -v max="$max" 'NR == 1 || $2 > max' data/raw/parcels.csv \
	>"$out/heavy_kg.csv"
rm -f "$out"/routes/*
awk -F, -v dir="$out/routes" 'NR > 1 { print > (dir "/" $3 ".csv") }' \
	data/raw/parcels.csv
stamp=$(date -u +%Y-%m-%dT%H.%M.%S.000Z)
mkdir -p "$out/model.bin/$stamp"
printf 'weights' >"$out/model.bin/$stamp/model.bin"
cat >"$out/scores.json" <<'EOF'
{"error": [{"value": 0.5, "step": 0}, {"value": 0.25, "step": 1}],
 "routes": {"value": 3, "step": 0}}
EOF
