# One logistic regression for each species against the rest, by descent.
source("R/parameters.R")
parameters <- read_parameters()

train <- read.csv("data/05_model_input/train.csv")
x <- cbind(bias = 1, as.matrix(train[features]))
species <- sort(unique(train$species))
y <- sapply(species, function(s) as.numeric(train$species == s))

weights <- matrix(0, ncol(x), length(species),
                  dimnames = list(colnames(x), species))
for (i in seq_len(parameters$example_num_train_iter)) {
  miss <- plogis(x %*% weights) - y
  weights <- weights -
    parameters$example_learning_rate * crossprod(x, miss) / nrow(x)
}

saveRDS(weights, "data/06_models/trained_model.rds")
cat("train:", parameters$example_num_train_iter, "steps\n")
