"""How much of a cost falls into a stretch of days? SQL that every question about costs shares.

A row's amount counts by the share of its days, in the reporting currency at the rate of its first day. Of a row `c` of
`eql.cost` joined as `WITH_RATE` says, `shares` gives `rate` (null: there is none), `days`, and `days_in`: those in the
stretch. Rows without days there need not be sorted out before.
"""

from __future__ import annotations

WITH_RATE = "LEFT JOIN rate r ON r.currency = c.currency AND r.day = c.period_start"
COST = "sum(amount * rate * days_in / days)"


def shares(first_day: str, end_day: str) -> str:
    """Columns of a row for the days from the first (included) to the end (excluded) of a stretch, up to `as_of`."""
    return f"""CASE WHEN c.currency = :currency THEN 1 ELSE r.rate END AS rate,
           c.period_end - c.period_start + 1 AS days,
           greatest(0, least(c.period_end + 1, {end_day}, :as_of_day + 1) - greatest(c.period_start, {first_day}))
               AS days_in"""


IN_PERIOD = shares("CAST(:first_day AS date)", "CAST(:end_day AS date)")
