# One curve from 0 to 1 for each species against the rest, by descent.
BEGIN { FS = ","; OFS = "," }

NR == 1 {
	features = NF - 1
	head = "species,bias"
	for (f = 1; f <= features; f++)
		head = head OFS $f
	next
}

{
	n++
	x[n, 0] = 1
	for (f = 1; f <= features; f++)
		x[n, f] = $f
	species[n] = $NF
	if (!($NF in known)) {
		known[$NF] = 1
		name[++names] = $NF
	}
}

# From 0 to 1 as z goes up; without exp(), which not every awk has.
function sigmoid(z) { return (1 + z / (1 + (z < 0 ? -z : z))) / 2 }

# Changes w[] by one step towards 'target'.
function descend(target,    i, f, z, miss, sum) {
	for (i = 1; i <= n; i++) {
		z = 0
		for (f = 0; f <= features; f++)
			z += w[f] * x[i, f]
		miss = sigmoid(z) - (species[i] == target)
		for (f = 0; f <= features; f++)
			sum[f] += miss * x[i, f]
	}
	for (f = 0; f <= features; f++)
		w[f] -= rate * sum[f] / n
}

END {
	if (n == 0)
		exit 1
	print head
	for (k = 1; k <= names; k++) {
		for (f = 0; f <= features; f++)
			w[f] = 0
		for (step = 1; step <= steps; step++)
			descend(name[k])
		line = name[k]
		for (f = 0; f <= features; f++)
			line = line OFS w[f]
		print line
	}
}
