# Shuffles the rows and cuts them into test and training data.
BEGIN { FS = ","; srand() }

NR == 1 { head = $0; next }

{ row[++n] = $0 }

END {
	if (n == 0)
		exit 1
	test = "data/05_model_input/test.csv"
	train = "data/05_model_input/train.csv"
	n_test = int(n * ratio)
	print head >test
	print head >train
	for (i = 1; i <= n; i++) {
		j = i + int(rand() * (n - i + 1))
		picked = row[j]
		row[j] = row[i]
		print picked >(i <= n_test ? test : train)
	}
	print "split: " n - n_test " rows to train, " n_test " to test"
}
