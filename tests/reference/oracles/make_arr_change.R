# How does a product's change split among its factors? By Das Gupta's closed forms, which are no sum over orders.
# Das Gupta 1993, Standardization and Decomposition of Rates, US Census Bureau P23-186. Writes arr_change.json beside it.
# Not run by the tests: Rscript tests/reference/oracles/make_arr_change.R tests/reference/oracles
library(jsonlite)

folder <- commandArgs(trailingOnly = TRUE)[1]

two <- function(a, b) (b[1] + b[2]) / 2 * (a[2] - a[1])

three <- function(a, b, c) {
  ((b[1] * c[1] + b[2] * c[2]) / 3 + (b[1] * c[2] + b[2] * c[1]) / 6) * (a[2] - a[1])
}

four <- function(a, b, c, d) {
  same <- b[1] * c[1] * d[1] + b[2] * c[2] * d[2]
  mixed <- b[1] * c[1] * d[2] + b[1] * c[2] * d[1] + b[2] * c[1] * d[1] +
    b[1] * c[2] * d[2] + b[2] * c[1] * d[2] + b[2] * c[2] * d[1]
  (same / 4 + mixed / 12) * (a[2] - a[1])
}

parts <- function(x) {
  others <- function(i) lapply(setdiff(seq_along(x), i), function(j) x[[j]])
  rule <- list(NULL, two, three, four)[[length(x)]]
  sapply(seq_along(x), function(i) do.call(rule, c(list(x[[i]]), others(i))))
}

# Counts of a period: EQLs, SQLs, won deals, ARR in cents. The chains are those of docs/arr.md.
chain <- function(old, new) {
  ratio <- function(top, bottom) c(old[[top]] / old[[bottom]], new[[top]] / new[[bottom]])
  worth <- c(if (old$won > 0) old$arr / old$won else NA, if (new$won > 0) new$arr / new$won else NA)
  worth[is.na(worth)] <- if (all(is.na(worth))) 0 else worth[!is.na(worth)]
  count <- function(name) c(old[[name]], new[[name]])
  if (any(count("sqls") == 0)) return(list(won_deals = count("won"), contract_value = worth))
  if (any(count("eqls") == 0))
    return(list(sqls = count("sqls"), sql_to_won = ratio("won", "sqls"), contract_value = worth))
  list(eqls = count("eqls"), eql_to_sql = ratio("sqls", "eqls"), sql_to_won = ratio("won", "sqls"),
       contract_value = worth)
}

set.seed(42)
draw <- function(kind) {
  zero <- function(value, name) if (grepl(name, kind)) 0 else value
  won <- zero(sample(1:200, 1), "won")
  list(eqls = zero(sample(1:900, 1), "eqls"), sqls = zero(sample(1:400, 1), "sqls"), won = won,
       arr = if (won > 0) zero(sample(1:1e9, 1), "arr") else 0)
}
kinds <- c("", "", "", "", "", "", "eqls", "sqls", "won", "arr", "eqls won", "eqls sqls", "sqls arr")
cases <- lapply(seq_len(120), function(i) {
  old <- draw(sample(kinds, 1)); new <- draw(sample(kinds, 1))
  links <- chain(old, new)
  list(before = old, now = new, parts = as.list(setNames(parts(links), names(links))))
})
write_json(list(by = R.version.string, cases = cases), file.path(folder, "arr_change.json"),
           auto_unbox = TRUE, digits = 17)
