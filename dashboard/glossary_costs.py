"""What do the words of the page "Costs and return" mean? The part of the glossary that is about costs."""

from __future__ import annotations

from dashboard.glossary_term import Term

COSTS_TERMS = {
    "cost_per_sql": Term(
        "Cost per SQL",
        "Programme cost ÷ leads that became sales-qualified in the period.",
        "The interval is what counting so many SQLs leaves open (Garwood); the cost is taken as known.",
    ),
    "gate": Term(
        "Gate",
        "Pipeline created ÷ cost in a partner’s first full quarter. 5 or more: continue. Less: pause or pivot.",
        "Too early: the quarter is not over, no cost above 0 is known for it, or nobody knows when the partner "
        "joined. The verdict stays what it is whatever period is chosen.",
    ),
    "gate_interval": Term(
        "Could be chance",
        "The 95 % interval of the multiple reaches across the gate: with so few deals, luck alone could have put it "
        "on the other side.",
        "From the number of deals and how much their sizes differ (compound Poisson, lognormal amounts).",
    ),
    "cost_category": Term(
        "Category",
        "What a cost was for: seats, tooling, people, content, media, payouts to partners, or other.",
    ),
    "cost_kind": Term(
        "Who bears it",
        "A cost that names a partner is that partner’s. One that names neither partner nor channel is overhead, spread "
        "over partners by their EQLs. One that names a channel alone is the channel’s and no programme cost.",
    ),
    "pilot": Term(
        "Pilot",
        "A new partner’s first twelve weeks: four of integration, then a sample of eight weeks or 50 EQLs, whichever "
        "comes first.",
        "Listed are partners that joined in the last 180 days.",
    ),
    "pilot_eqls": Term(
        "EQLs expected",
        "EQLs of the whole sample of eight weeks, from those so far and from the samples of all partners before it.",
        "With a 95 % interval. Taken to come evenly; partners’ rates differ as those seen so far do.",
    ),
    "chance_of_50": Term("Chance of 50", "Probability that the sample brings 50 EQLs before its eight weeks are over."),
    "fte": Term("FTE", "Full-time equivalent: 0.5 is a person who spends half of a full working week on it."),
    "cost_reference": Term(
        "Reference amounts",
        "What one source says such things cost: CRM seats 75–150 a user and month, an attribution add-on 500–1,000 a "
        "month, middleware 20–100 a month, half a partner manager and a quarter of an analyst.",
        "In US dollars, of unknown quality: a place to start from, to be replaced by what you pay.",
    ),
}
