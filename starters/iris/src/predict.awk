# The likeliest species of each row: first the model is read, then the rows.
BEGIN { FS = ","; OFS = "," }

FNR == 1 { files++; if (files == 2) print "species", "predicted"; next }

files == 1 {
	name[++names] = $1
	for (f = 2; f <= NF; f++)
		w[names, f - 2] = $f
	next
}

{
	best = 0
	for (k = 1; k <= names; k++) {
		z = w[k, 0]
		for (f = 1; f < NF; f++)
			z += w[k, f] * $f
		if (!best || z > highest) {
			best = k
			highest = z
		}
	}
	print $NF, name[best]
}
