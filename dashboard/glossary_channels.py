"""What do the words of the page "Channels" mean? The part of the glossary that is about channels and their money."""

from __future__ import annotations

from dashboard.glossary_term import Term

CHANNEL_TERMS = {
    "channel_line": Term(
        "Line of the comparison",
        "Everything partner-sourced is one line. Leads without a partner stand in the line of their channel, those "
        "that came through AI assistants and AI overviews in a line of their own instead.",
        "Every lead stands in exactly one line. A lead with a partner that came through AI stays partner-sourced.",
    ),
    "arr_per_cost": Term(
        "ARR per unit of cost",
        "ARR of the deals won in the period ÷ what was spent in the period: the programme's cost for partners, the "
        "channel's own cost for a channel.",
        "The interval lets chance act on the number of deals and on their size. Deals won now may come of what was "
        "spent earlier: an association, not an effect.",
    ),
    "cost_per_qualified": Term(
        "Cost per qualified lead",
        "For partners: programme cost ÷ EQLs of the period. For a channel: its cost ÷ MQLs among the leads created in "
        "the period.",
        "The references are those of the brief for partner EQLs, paid social and search advertising.",
    ),
    "cost_per_win": Term("Cost per won deal", "What was spent in the period ÷ deals won in the period."),
    "largest_campaign": Term(
        "Largest paid campaign",
        "Paid: the channel has costs of category media and no partner. A campaign's spend is its channel's cost × its "
        "share of the channel's leads, for costs name channels and not campaigns.",
        "Leads that name no campaign keep their share of the cost and are no campaign.",
    ),
    "elasticity": Term(
        "How returns diminish",
        "Yield = c × spend to this power. 1: twice the money brings twice as much. 0.7: 62 % more. 0.2: 15 % more.",
        "An assumption, not data: nobody varied the spending to find out. Try several.",
    ),
    "reallocation": Term(
        "Moving money",
        "What the expected ARR and pipeline of a quarter would change by, if the last four quarters' yield goes on and "
        "returns diminish as assumed.",
        "Estimated. No number is given where the new spend lies outside what the last eight quarters have seen.",
    ),
}
