# How many of the predictions are right.
BEGIN { FS = "," }

NR > 1 { rows++; right += $1 == $2 }

END {
	if (rows == 0)
		exit 1
	printf "{\"accuracy\": %.4f, \"right\": %d, \"rows\": %d}\n",
	    right / rows, right, rows
	printf "report: %d of %d right\n", right, rows | "cat >&2"
}
