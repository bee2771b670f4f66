# What does R's pROC say about AUCs, their variances and differences? Writes discrimination.json beside it.
# Not run by the tests: Rscript tests/reference/oracles/make_discrimination.R tests/reference/oracles
suppressMessages(library(pROC))
library(jsonlite)

folder <- commandArgs(trailingOnly = TRUE)[1]

# Two whole-numbered scores of the same leads that go with winning, the second more or less than the first.
drawn <- function(n, steps, strength, seed) {
  set.seed(seed)
  leaning <- rnorm(n)
  score <- function(own) pmin(steps, pmax(0, round(steps / 2 + steps / 5 * (leaning + own * rnorm(n)))))
  list(won = rbinom(n, 1, plogis(strength * leaning - 1)), first = score(1), second = score(0.4))
}

one <- function(case) {
  first <- roc(case$won, case$first, direction = "<", levels = 0:1, quiet = TRUE)
  second <- roc(case$won, case$second, direction = "<", levels = 0:1, quiet = TRUE)
  test <- roc.test(second, first, paired = TRUE, method = "delong")
  c(case, list(auc = c(auc(first), auc(second)),
               variance = c(var(first, method = "delong"), var(second, method = "delong")),
               covariance = cov(first, second, method = "delong"),
               difference = as.numeric(test$conf.int)))
}

cases <- list(drawn(24, 4, 1, 1), drawn(60, 100, 0.5, 2), drawn(200, 10, 1.5, 3), drawn(150, 100, 0, 4))
answers <- list(by = paste(R.version.string, "pROC", packageVersion("pROC")), cases = lapply(cases, one))
write(toJSON(answers, digits = 15, auto_unbox = TRUE), file.path(folder, "discrimination.json"))
