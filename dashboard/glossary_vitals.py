"""What do the words of the programme's vitals and of AI referrals mean? A part of the glossary."""

from __future__ import annotations

from dashboard.glossary_term import Term

VITALS_TERMS = {
    "vitals": Term(
        "Programme vitals",
        "Nine numbers that tell whether the partner programme is healthy, each with its 95 % interval and, where "
        "the brief names one, a reference.",
        "References come from outside and are of unknown quality; every one is a setting.",
    ),
    "light": Term(
        "Light",
        "Good: the whole 95 % interval meets the reference, from its easier end on. Breach: the whole interval misses "
        "it. Attention: it can be either. Too little data: fewer than 20 cases, or nothing to divide by.",
        "One rule for all vitals. A sign and a word say the same as the colour.",
    ),
    "eql_to_won_mature": Term(
        "EQL → won, last mature quarter",
        "Of the EQLs among the partner leads created in a quarter, the share that has a won deal by now. The quarter "
        "is the latest one whose leads had the time: nine in ten are older than the 90th percentile of days to won.",
        "Up to a tenth of the wins may still come.",
    ),
    "eql_to_sql_mature": Term(
        "EQL → SQL, last mature quarter",
        "Of the EQLs among the partner leads created in a quarter, the share that sales accepted by now. The quarter "
        "is the latest one whose leads had the time for that.",
    ),
    "cac": Term(
        "CAC",
        "Customer acquisition cost: programme cost of the period ÷ deals with a partner that were won in it.",
        "Only what the programme cost; what sales cost is not in it.",
    ),
    "cac_change": Term(
        "CAC against two quarters earlier",
        "The CAC of the period ÷ that of the same stretch six months earlier, − 1.",
        "Where the period still runs, the earlier stretch is cut to as many days.",
    ),
    "pipeline_growth": Term(
        "Pipeline growth in a year",
        "Pipeline with a partner created in the last four full quarters ÷ in the four before.",
        "No value where the data do not reach back far enough.",
    ),
    "ai_referral": Term(
        "AI referral",
        "A lead that came from an AI assistant (ChatGPT, Perplexity, …) or an AI overview: its utm_source names one, "
        "or its channel says so.",
        "Visits that such a tool hides among direct ones are not in it: the share is a lower limit.",
    ),
    "ai_share": Term(
        "Share of AI referrals",
        "EQLs (ARR) of AI referrals ÷ all EQLs (ARR) of the period.",
        "With the 95 % interval; that of ARR takes the unequal sizes of deals into account.",
    ),
}
