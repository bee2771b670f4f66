# What does R's survival package say about the chance to be won, given age and stage? Writes deal_stage.json beside it.
# Not run by the tests: Rscript tests/reference/oracles/make_deal_stage.R tests/reference/oracles
library(survival)
library(jsonlite)

folder <- commandArgs(trailingOnly = TRUE)[1]
names <- c("none", "first", "second", "third")

# One row for each stay: a deal begins in "none" and moves on, at most once a day, until it is won, lost or last seen.
walk <- function(id, longest) {
  state <- 1
  day <- -1
  rows <- list()
  while (TRUE) {
    stay <- if (state == 1) sample(0:2, 1) else sample(1:longest, 1)
    day_after <- day + max(stay, if (day < 0) 1 else 1)
    chance <- runif(1)
    goes <- if (chance < 0.2) "open" else if (chance < 0.35) "won" else if (chance < 0.5) "lost" else
      sample(names[-state], 1)
    if (goes == "none") goes <- "open"
    rows[[length(rows) + 1]] <- data.frame(id = id, from = names[state], to = goes, start = day, day = day_after)
    day <- day_after
    if (goes %in% c("open", "won", "lost")) break
    state <- match(goes, names)
  }
  do.call(rbind, rows)
}

one <- function(seed, deals, longest) {
  set.seed(seed)
  stays <- do.call(rbind, lapply(1:deals, walk, longest))
  # survfit counts from time 0 and would drop events of day 0: a shift by one day keeps them.
  event <- factor(ifelse(stays$to == "open", "censor", stays$to), c("censor", names, "won", "lost"))
  data <- data.frame(id = stays$id, t0 = stays$start + 1, t1 = stays$day + 1, event = event,
                     istate = factor(stays$from, c(names, "won", "lost")))
  asked <- expand.grid(age = c(-1, 0, 2, 5, 9, longest), stage = names, horizon = c(1, 3, 8, 30),
                       stringsAsFactors = FALSE)
  found <- rep(NA_real_, nrow(asked))
  for (i in seq_len(nrow(asked))) {
    later <- data[data$t1 > asked$age[i] + 1, ]
    if (nrow(later) == 0) next
    later$t0 <- pmax(later$t0, asked$age[i] + 1)
    there <- as.numeric(c(names, "won", "lost") == asked$stage[i])
    curve <- survfit(Surv(t0, t1, event) ~ 1, data = later, id = id, istate = istate, p0 = NULL,
                     start.time = asked$age[i] + 1, se.fit = FALSE)
    states <- curve$states
    start <- as.numeric(states == asked$stage[i])
    if (sum(start) == 0) next
    curve <- survfit(Surv(t0, t1, event) ~ 1, data = later, id = id, istate = istate, p0 = start,
                     start.time = asked$age[i] + 1, se.fit = FALSE)
    times <- which(curve$time <= asked$age[i] + 1 + asked$horizon[i])
    found[i] <- if (length(times)) curve$pstate[max(times), which(states == "won")] else 0
  }
  asked$chance <- found
  list(stays = stays[, c("id", "from", "to", "day")], asked = asked[!is.na(found), ])
}

answers <- list(by = paste(R.version.string, "survival", packageVersion("survival")),
                cases = list(one(1, 15, 6), one(2, 120, 12), one(3, 400, 40)))
write(toJSON(answers, digits = 15, auto_unbox = TRUE, na = "null"), file.path(folder, "deal_stage.json"))
