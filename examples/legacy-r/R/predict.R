# Predicts the test data and reports how many are right.
source("R/parameters.R")

weights <- readRDS("data/06_models/trained_model.rds")
test <- read.csv("data/05_model_input/test.csv")
x <- cbind(bias = 1, as.matrix(test[features]))
predicted <- colnames(weights)[max.col(x %*% weights)]

write.csv(data.frame(species = test$species, predicted = predicted),
          "data/07_model_output/predictions.csv", row.names = FALSE)

report <- sprintf("Model accuracy on test set: %.2f%%",
                  100 * mean(predicted == test$species))
writeLines(report, "data/08_reporting/accuracy.txt")
cat("predict:", report, "\n")
