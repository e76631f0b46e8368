# Reads the flat "key: value" lines of parameters.yml; base R has no YAML.
read_parameters <- function(path = "conf/base/parameters.yml") {
  lines <- grep("^[a-z_]+:", readLines(path), value = TRUE)
  values <- as.numeric(sub("^[^:]*:", "", lines))
  setNames(as.list(values), sub(":.*$", "", lines))
}

features <- c("sepal_length", "sepal_width", "petal_length", "petal_width")
