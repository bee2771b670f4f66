"""What do the words of the forecast mean? The part of the glossary that is about what is coming."""

from __future__ import annotations

from dashboard.glossary_term import Term

FORECAST_TERMS = {
    "forecast": Term(
        "Forecast",
        "ARR that a quarter will bring: won so far, what open deals are expected to bring until its end, and what "
        "deals are expected to bring that are still to open.",
        "As of now, for this quarter and the next. With an 80 % interval: of ten such forecasts about eight hold.",
    ),
    "open_deals_expected": Term(
        "Expected of open deals",
        "ARR of the deals open now × their chance to be won within the quarter, given their age and, where stages were "
        "recorded for at least 90 % of the deals, their stage.",
        "Chances by Aalen–Johansen from deals opened in the last 24 months. A sum holds; a single deal is won or not.",
    ),
    "new_deals_expected": Term(
        "Expected of new deals",
        "What deals that are still to open are expected to bring within the quarter: how many open, how many of these "
        "are won in time, and the mean ARR of won deals.",
    ),
    "back_test": Term(
        "Back-test",
        "The same forecast for each of the past six quarters, made from what was known at its first instant, beside "
        "what came.",
        "Nothing that happened later is used. About eight of ten intervals should hold.",
    ),
    "forecast_error": Term(
        "Mean error",
        "Mean distance between forecast and outcome over the past quarters, as a share of what came. Beside it the "
        "error of simply repeating the quarter before.",
    ),
}
