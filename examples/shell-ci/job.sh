#!/bin/bash
# The nightly report: totals by town, the best articles, a bundle, a check.
# Exit status 3: the orders contradict themselves and nothing is published.
set -euo pipefail
cd "$(dirname "$0")"
orders=${1:-data/orders.csv}
mkdir -p out

echo "== totals"
echo "town,total" >out/totals.csv
awk -F, 'NR > 1 { sum[$2] += $4 * $5 }
	END { for (town in sum) printf "%s,%.2f\n", town, sum[town] }' \
	"$orders" | sort >>out/totals.csv

echo "== ranking"
echo "total,article" >out/ranking.csv
awk -F, 'NR > 1 { sum[$3] += $4 * $5 }
	END { for (name in sum) printf "%.2f,%s\n", sum[name], name }' \
	"$orders" | sort -t, -k1,1nr >>out/ranking.csv

echo "== bundle"
tar -cf - -C out totals.csv ranking.csv | gzip -9 >out/report.tar.gz

echo "== check"
bad=$(awk -F, 'NR > 1 && $4 <= 0 { print $1 }' "$orders")
if [ -n "$bad" ]; then
	echo "job.sh: orders without a quantity: $bad" >&2
	exit 3
fi

echo "== publish"
date -u +%Y-%m-%d >out/published.txt
