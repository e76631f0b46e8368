# Cuts the measurements into training and test data.
source("R/parameters.R")
ratio <- read_parameters()$example_test_data_ratio

iris <- read.csv("data/01_raw/iris.csv")
iris <- iris[sample(nrow(iris)), ]
n_test <- as.integer(nrow(iris) * ratio)

write.csv(head(iris, n_test), "data/05_model_input/test.csv",
          row.names = FALSE)
write.csv(tail(iris, -n_test), "data/05_model_input/train.csv",
          row.names = FALSE)
cat("split:", nrow(iris) - n_test, "rows to train,", n_test, "to test\n")
