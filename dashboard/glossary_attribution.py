"""What do the words of the Attribution page mean? The part of the glossary that is about credit."""

from __future__ import annotations

from dashboard.glossary_term import Term

ATTRIBUTION_TERMS = {
    "credit": Term(
        "Credited to partners",
        "The part of the ARR (or pipeline) that the chosen rule gives to touches of partners.",
        "The credits of a deal add up to its value to the cent, so no deal counts twice.",
    ),
    "credit_interval": Term(
        "Interval of credit",
        "The range that would hold what a line is credited with in 95 of 100 such periods: which deals come, and how "
        "large they are, is chance.",
        "By the chosen rule as it is. Few deals, or one very large one, make it wide: then who is first says little.",
    ),
    "touch": Term(
        "Touch",
        "A recorded contact of a lead with an asset, a partner or a channel, up to the day on which the deal opened "
        "(or closed, as chosen).",
        "In the order in which they happened.",
    ),
    "attribution_rule": Term(
        "Attribution rule",
        "How a deal is shared out among its touches.",
        "No rule is the true one: they answer different questions. Where two rules agree, the choice does not matter.",
    ),
    "sourced": Term(
        "Sourced",
        "Deals whose lead came through a partner, whatever touched it later.",
        "The same deals that other pages call partner-sourced. The same under every rule.",
    ),
    "influenced": Term(
        "Influenced",
        "Deals whose lead came without a partner, while a partner touched it at least once.",
        "In the table: deals that this partner touched while the lead is another’s or nobody’s. Several partners may "
        "touch one deal, so these amounts overlap and add up to nothing.",
    ),
    "untouched": Term(
        "Untouched",
        "Deals that no partner brought or touched.",
        "Sourced, influenced and untouched add up to all deals. The same under every rule.",
    ),
    "no_touch": Term(
        "No touch recorded",
        "Deals without a single touch: nothing is made up for them, they stand in a line of their own.",
    ),
    "key_influence": Term(
        "Key influence",
        "The touch that position-based A takes for decisive: the last one on or before the day on which the lead "
        "became sales-qualified.",
        "It can be set: the last before the lead became an EQL, or the last touch of a partner. A deal without such a "
        "touch leaves its 40 % to the first and the last touch, two to one.",
    ),
    "partner_influence": Term(
        "Partner influence", "The last touch of a deal that a partner made; 20 % in position-based B."
    ),
    "half_life": Term(
        "Half-life",
        "With time decay, a touch weighs half as much for every so many days that it lies before the deal’s opening "
        "(or close).",
    ),
    "data_driven": Term(
        "Data-driven",
        "An estimate: a touch weighs as much as wins would become rarer if its partner, or its channel, were taken out "
        "of the paths of all won and lost deals of 24 months (Markov chain, removal effect; Anderl and others 2016).",
        "It says what goes along with winning, not what causes it.",
    ),
    "reconciliation": Term(
        "Owed and paid",
        "Owed: credited ARR × the rate agreed on each deal’s closing day. Paid: payouts among the costs, by the share "
        "of their days in the quarter. Difference: paid − owed.",
    ),
}
