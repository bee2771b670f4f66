# Removal effects of a first-order Markov chain, in R: states are taken out one by one, and the chain is walked at random.
# Rscript make_removal.R > removal.json. Base R only. Journeys as strings, as ChannelAttribution takes them.
# Definition: Anderl, Becker, von Wangenheim, Schumann (2016), doi:10.1016/j.ijresmar.2016.03.001.

cases <- list(
  list(name = "three journeys", paths = list(list("C1>C2>C3", "won", 1), list("C1", "lost", 1), list("C2>C3", "lost", 1))),
  list(name = "loops", paths = list(
    list("A>B>A>C", "won", 30), list("B>A>B", "lost", 25), list("C>A", "won", 12), list("C>B>C>B", "lost", 40),
    list("A", "won", 9), list("A", "lost", 51), list("D>A", "lost", 7), list("B", "won", 3))),
  list(name = "many", paths = (function() {
    set.seed(20251123)
    lapply(1:60, function(i) {
      states <- sample(LETTERS[1:9], sample(1:6, 1), replace = TRUE, prob = 9:1)
      list(paste(states, collapse = ">"), sample(c("won", "lost"), 1), sample(1:20, 1))
    })
  })())
)

counted <- function(paths) {
  table <- list()
  for (p in paths) {
    way <- c("start", strsplit(p[[1]], ">")[[1]], p[[2]])
    way <- way[c(TRUE, way[-1] != way[-length(way)])]
    for (i in seq_len(length(way) - 1)) {
      key <- paste(way[i], way[i + 1], sep = "|")
      table[[key]] <- (if (is.null(table[[key]])) 0 else table[[key]]) + p[[3]]
    }
  }
  parts <- strsplit(names(table), "|", fixed = TRUE)
  states <- sort(setdiff(unique(unlist(parts)), c("start", "won", "lost")))
  all <- c("start", states, "won", "lost")
  m <- matrix(0, length(all), length(all), dimnames = list(all, all))
  for (k in seq_along(parts)) m[parts[[k]][1], parts[[k]][2]] <- table[[k]]
  m["won", "won"] <- 1; m["lost", "lost"] <- 1
  list(p = m / rowSums(m), states = states)
}

won <- function(p) {
  transient <- setdiff(rownames(p), c("won", "lost"))
  solve(diag(length(transient)) - p[transient, transient], p[transient, "won"])["start"]
}

without <- function(p, state) { p[state, ] <- 0; p[state, "lost"] <- 1; p }

walk <- function(p, n) {
  at <- rep(1L, n); cumulative <- t(apply(p, 1, cumsum)); ends <- match(c("won", "lost"), rownames(p))
  for (step in 1:400) {
    moving <- which(!(at %in% ends)); if (!length(moving)) break
    at[moving] <- 1L + rowSums(runif(length(moving)) > cumulative[at[moving], , drop = FALSE])
  }
  mean(at == ends[1])
}

json <- function(x) paste0("{", paste(sprintf('"%s": %.12g', names(x), unlist(x)), collapse = ", "), "}")

set.seed(1)
n <- 200000
out <- sapply(cases, function(case) {
  chain <- counted(case$paths); whole <- won(chain$p); walked <- walk(chain$p, n)
  effects <- sapply(chain$states, function(s) 1 - unname(won(without(chain$p, s)) / whole))
  random <- sapply(chain$states, function(s) 1 - walk(without(chain$p, s), n) / walked)
  paths <- paste(sapply(case$paths, function(p) sprintf('["%s", "%s", %d]', p[[1]], p[[2]], p[[3]])), collapse = ", ")
  sprintf('{"name": "%s", "paths": [%s], "effects": %s, "walked": %s, "tolerance": %.4f}',
          case$name, paths, json(effects), json(random), 5 * sqrt(2 / (n * whole)))
})
cat(sprintf('{"made_by": "make_removal.R, R %s", "cases": [\n%s\n]}\n', getRversion(), paste(out, collapse = ",\n")))
