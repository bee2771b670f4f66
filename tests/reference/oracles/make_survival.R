# What does R's survival package say about Kaplan-Meier and competing risks? Writes survival.json beside it.
# Not run by the tests: Rscript tests/reference/oracles/make_survival.R tests/reference/oracles
library(survival)
library(jsonlite)

folder <- commandArgs(trailingOnly = TRUE)[1]

drawn <- function(n, longest, waiting, seed) {
  set.seed(seed)
  list(days = sample(0:longest, n, replace = TRUE),
       # 0 open, 1 won, 2 lost
       outcome = ifelse(runif(n) < waiting, 0, sample(1:2, n, replace = TRUE, prob = c(0.4, 0.6))))
}

one <- function(case) {
  # survfit counts from time 0 and would drop events of day 0: a shift by one day keeps them.
  time <- case$days + 1
  km <- survfit(Surv(time, case$outcome > 0) ~ 1, conf.type = "log-log")
  state <- factor(case$outcome, 0:2, c("open", "won", "lost"))
  aj <- survfit(Surv(time, state) ~ 1, conf.type = "log-log")
  won <- which(aj$states == "won")
  list(days = case$days, outcome = case$outcome,
       kaplan_meier = data.frame(day = km$time - 1, at_risk = km$n.risk, survival = km$surv,
                                 low = km$lower, high = km$upper),
       aalen_johansen = data.frame(day = aj$time - 1, at_risk = aj$n.risk[, 1], won = aj$pstate[, won]))
}

weighted <- function(case, seed) {
  set.seed(seed)
  weights <- sample(c(0.25, 0.5, 1, 2), length(case$days), replace = TRUE)
  state <- factor(case$outcome, 0:2, c("open", "won", "lost"))
  aj <- survfit(Surv(case$days + 1, state) ~ 1, weights = weights)
  won <- which(aj$states == "won")
  list(days = case$days, outcome = case$outcome, weights = weights,
       aalen_johansen = data.frame(day = aj$time - 1, won = aj$pstate[, won]))
}

cases <- list(drawn(12, 20, 0.3, 1), drawn(80, 60, 0.5, 2), drawn(400, 300, 0.3, 3), drawn(30, 5, 0.6, 4))
answers <- list(by = paste(R.version.string, "survival", packageVersion("survival")),
                cases = lapply(cases, one),
                weighted = mapply(weighted, cases, 5:8, SIMPLIFY = FALSE),
                adjusted = lapply(list(c(0.01), c(0.04, 0.001, 0.03, 0.9, 1), c(0.02, 0.02, 0.5)),
                                  function(p) list(p = I(p), q = I(p.adjust(p, "BH")))),
                fisher = lapply(list(c(3, 7, 9, 1), c(1, 2, 2, 498), c(8, 2, 1, 30), c(2, 2, 2, 2)), function(t)
                  list(table = t, p = fisher.test(matrix(t, 2, byrow = TRUE))$p.value)))
write(toJSON(answers, digits = 15, auto_unbox = TRUE, na = "null"), file.path(folder, "survival.json"))
