"""What do the words of the page "ARR" mean? The part of the glossary that is about what came in and why it changed."""

from __future__ import annotations

from dashboard.glossary_term import Term

ARR_TERMS = {
    "arr_source": Term(
        "Source of a deal",
        "Partner-sourced: its lead came through a partner. Direct business: its lead came without one. Without a lead: "
        "nobody knows where the deal came from.",
        "The three sum to all ARR.",
    ),
    "cumulative_arr": Term(
        "Since the year began",
        "ARR won from the start of the fiscal year to the end of the quarter or month.",
        "The target beside it is the sum of the quarters' targets; a quarter's target is never split among months.",
    ),
    "arr_change": Term(
        "Why it changed",
        "The difference of ARR between two periods, split among four numbers that multiply to it: EQLs, SQLs for each "
        "EQL, won deals for each SQL, and ARR for each won deal.",
        "Each part is the mean, over all orders in which the four can be changed one by one, of what its step changes "
        "(Shapley value; Shorrocks 2013). The parts sum to the difference to the cent. All are counts of the period, "
        "not of one cohort: a deal won now mostly came of an earlier EQL.",
    ),
    "arr_change_interval": Term(
        "How sure a part is",
        "Where the part lies with 95 % certainty once the luck of counts, conversions and deal sizes is allowed for.",
        "A part whose line crosses its own start can be chance alone.",
    ),
    "largest_partners": Term(
        "The five largest",
        "The partners with most ARR in the period, and their share of all partner-sourced ARR.",
        "Beside it the share that five would have were all partners equal: of those active, or that brought ARR.",
    ),
}
