# What does R say about Poisson means and about sums of deals? Writes poisson_sums.json.
#
# Not run by the tests. apt-get install r-base-core r-cran-epitools r-cran-jsonlite, then
#     Rscript tests/reference/oracles/make_costs.R
#
# poisson.test: the exact interval of a mean. epitools::ageadjust.direct: Fay and Feuer's interval of a standardised
# rate; with one event per stratum and a population of 1 / amount, n times the rate is the sum of the amounts.

suppressMessages(library(epitools))
library(jsonlite)

counts <- c(0, 1, 2, 5, 20, 43, 150, 537, 12000)
poisson <- lapply(counts, function(x) list(count = x, bounds = as.numeric(poisson.test(x)$conf.int)))

deals <- list(
  c(100), c(1000, 1000, 1000), c(100, 2500, 900.5, 40), round(exp(seq(6, 11, length.out = 25)), 2),
  rep(c(6000, 18000, 60000), times = c(60, 30, 10)), c(rep(1, 200), 5000)
)
sums <- lapply(deals, function(amounts) {
  n <- length(amounts)
  found <- ageadjust.direct(rep(1, n), 1 / amounts, stdpop = rep(1, n))
  list(amounts = amounts, total = n * found[["adj.rate"]], bounds = n * c(found[["lci"]], found[["uci"]]))
})

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
answers <- list(
  made_by = paste("R", getRversion(), "epitools", packageVersion("epitools")), poisson = poisson, sums = sums
)
write(toJSON(answers, auto_unbox = TRUE, digits = 17), file.path(here, "poisson_sums.json"))
