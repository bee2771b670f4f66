"""What does each word on screen mean? The texts behind every ⓘ, and docs/glossary.md, from one place."""

from __future__ import annotations

from pathlib import Path

from dashboard.glossary_arr import ARR_TERMS
from dashboard.glossary_attribution import ATTRIBUTION_TERMS
from dashboard.glossary_channels import CHANNEL_TERMS
from dashboard.glossary_content import CONTENT_TERMS
from dashboard.glossary_costs import COSTS_TERMS
from dashboard.glossary_forecast import FORECAST_TERMS
from dashboard.glossary_term import Term
from dashboard.glossary_vitals import VITALS_TERMS
from dashboard.glossary_what_if import WHAT_IF_TERMS

_TERMS = {
    "arr": Term(
        "ARR won",
        "Annual recurring revenue of the deals that were won, by the day on which they closed in the period.",
        "In the reporting currency, at the rate of the closing day. Deals without a rate are in no sum.",
    ),
    "open_pipeline": Term(
        "Open pipeline",
        "Amount of all deals that are neither won nor lost at the moment of the data, whenever they were opened.",
        "At the rate of the opening day. Not limited to the period, so it has no change against another period.",
    ),
    "pipeline_created": Term(
        "Pipeline created",
        "Amount of all deals opened in the period, whatever became of them.",
        "At the rate of the opening day.",
    ),
    "lead": Term("Leads", "People who showed interest. Test, deleted and merged-away leads are not counted.",
                 "The card counts the leads created in the period."),
    "won_deals": Term("Won deals", "Deals that were won, by the day on which they closed in the period."),
    "open_deals": Term("Open deals", "Deals that are neither won nor lost at the moment of the data."),
    "lead_to_won": Term(
        "Lead → won",
        "Of the leads created in the period, the share that has a won deal so far.",
        "With the 95 % interval (Wilson): chance alone moves the rate within it. Leads that came late had less time.",
    ),
    "mql": Term("MQL", "Marketing-qualified lead, as the CRM recorded it."),
    "eql": Term(
        "EQLs",
        "Ecosystem-qualified lead: it came through a partner, and partner and vendor confirmed fit and intent.",
        "The card counts the leads that became EQLs in the period. The rates look at leads created in the period.",
    ),
    "qualification": Term(
        "Qualification",
        "A lead qualifies by the scoring model when it has enough points and triggers, an ecosystem signal and a "
        "buying signal, all seen before sales took over and within the model's window of days.",
        "A bar holds the leads that pass this gate and every one above; beside it those that stop here.",
    ),
    "icp_match": Term(
        "ICP match",
        "Enough points for fit (20 of 40 by default, our own choice) to count as the ideal customer profile.",
        "The waterfall shows it as a gate; the scoring model asks for it only where its author says so.",
    ),
    "one_step_away": Term(
        "One step away", "Leads that pass every gate of the waterfall but one, whatever the order of the gates."
    ),
    "sql_stage": Term("SQL", "Sales-qualified lead: sales has accepted it. It has nothing to do with the language."),
    "cohort": Term("Cohort", "The leads created in the period; what becomes of them later counts for the period too."),
    "partner_sourced": Term("Partner-sourced", "The lead carries a partner. A deal belongs to its lead's partner."),
    "eql_to_won": Term(
        "EQL → won",
        "Of the EQLs among the leads created in the period, the share that has a won deal so far.",
        "With the 95 % interval (Wilson): chance alone moves the rate within it. Young cohorts are marked: "
        "more of their leads will still be won.",
    ),
    "step_conversion": Term(
        "Step conversion",
        "Of the leads that reached the first of two stages, the share that reached the second too, so far.",
        "Over leads created in the period. A stage that a lead skipped is neither guessed nor counted.",
    ),
    "step_days": Term(
        "Days of a step",
        "Calendar days between the days on which a lead reached two stages.",
        "Over leads that reached the second stage in the period, whenever they were created: who still waits is not "
        "in it. By day of creation, young leads would seem fast, since only the quick ones are there.",
    ),
    "association": Term(
        "Association",
        "How much more often leads with a property convert than leads known to be without it.",
        "Not an effect: leads that differ in one thing differ in others too. Of what is marked as more than chance, "
        "about 5 % are chance all the same (Benjamini–Hochberg).",
    ),
    "discovery": Term(
        "More than chance",
        "The difference is too large for chance alone, counting all the differences that were looked at together.",
        "q ≤ 5 %: of all that carry this mark, about one in twenty is chance all the same (Benjamini–Hochberg).",
    ),
    "win_rate": Term(
        "Win rate",
        "Deals won ÷ (won + lost), among the deals that closed in the period. Open deals are not in it.",
    ),
    "shrunken_win_rate": Term(
        "Shrunken win rate",
        "What can be believed about a partner's win rate after looking at all partners: few deals are drawn far "
        "towards the pool, many hardly.",
        "With a 95 % credible interval. Sort by it: the top of a list of raw rates is mostly luck.",
    ),
    "pool": Term(
        "Pool of partners",
        "The win rate of a typical partner, to which the shrunken rates are drawn.",
    ),
    "incidence": Term(
        "Won by day",
        "The share of opened deals that are won so many days later (Aalen–Johansen). Losing a deal competes with "
        "winning it; deals still open count as far as they were seen.",
        "Over deals opened in the 24 months up to the period's end. The band holds the true share, day by day, in 95 "
        "of 100 such samples. The numbers below: deals that were neither won nor lost by then and were seen so long.",
    ),
    "win_rate_lift": Term(
        "Win-rate lift",
        "Win rate of one group ÷ that of the others, among deals closed in the period. Above 1: won more often.",
        "An association, not an effect: the groups may differ in more than is compared.",
    ),
    "speed_ratio": Term(
        "Speed ratio",
        "Median days to close of one group ÷ that of the others. Below 1: faster.",
        "Bounds from 2 000 resamples of the deals. An association, not an effect.",
    ),
    "standardised": Term(
        "Like with like",
        "Both groups are given the same mix of company sizes, regions and product lines (direct standardisation).",
        "Only kinds of deals that both groups have are compared; the share of deals in them stands beside.",
    ),
    "sales_velocity": Term(
        "Sales velocity",
        "Opportunities opened × win rate × mean won amount ÷ median days to close: what the sales work earns a day.",
        "Scaled to a quarter. The interval lets chance act on each of the four; none under five won deals.",
    ),
    "average_contract_value": Term(
        "Contract value",
        "Average contract value (ACV): ARR ÷ won deals that have an ARR, among deals won in the period.",
    ),
    "acv_with": Term("ACV with a partner", "ARR of a won deal whose lead came through a partner, on average."),
    "acv_without": Term("ACV without one", "ARR of a won deal whose lead came through no partner, on average."),
    "acv_difference": Term(
        "Difference",
        "How much more ARR a won deal with a partner has than one without, on average.",
        "With the 95 % interval (from both groups' Student intervals). An association, not an effect.",
    ),
    "median_days_to_close": Term(
        "Median days to close",
        "Days from opening to winning by which half of the deals that are ever won are won. Open deals are waiting.",
        "Over deals opened in the 24 months up to the period's end. “≥”: deals that still wait can lengthen it.",
    ),
    "programme_cost": Term(
        "Programme cost",
        "What partners and the programme's overhead cost in the period; a channel's own cost is none of it.",
    ),
    "cost_per_eql": Term(
        "Cost per EQL",
        "Programme cost of the period ÷ leads that became EQLs in the period.",
        "Programme cost: direct costs of partners and overhead. Cost of other channels is not in it.",
    ),
    "pipeline_multiple": Term(
        "Pipeline ÷ cost",
        "Pipeline created in the period ÷ programme cost of the period.",
        "The gate is 5×: a partner below it after its first full quarter is one to pause or to pivot.",
    ),
    "maturity": Term(
        "Too early to say",
        "Too many leads of the period are still young: they had less time than nine in ten leads need to get this far.",
        "The rate will rise as they catch up.",
    ),
    "too_few_eqls": Term(
        "Too few EQLs",
        "Fewer than 50 leads became EQLs in the period. The numbers are right, but chance plays a large part in them.",
    ),
    "incomplete": Term(
        "Incomplete",
        "Some deals or costs are in a currency without a rate for their day. They are in no sum; see the Data page.",
    ),
    "interval": Term(
        "95 % interval",
        "The range that holds the true rate in 95 of 100 such samples. Where two overlap widely, do not rank.",
    ),
    "referring_pages": Term(
        "Referring pages",
        "A partner's pages, listings, articles and the like that were the first one seen by at least one lead.",
        "Leads created in the 12 months up to the period's end.",
    ),
    "pipeline_per_referring_page": Term(
        "Pipeline per referring page",
        "Pipeline created in the period from the partner's leads ÷ its referring pages.",
        "A partner without a referring page is not ranked by it.",
    ),
    "rank_interval": Term(
        "Rank interval",
        "Where the partner's true rank lies with a probability of 90 % or a little more: ranks are whole numbers.",
        "The true rank: given the leads and pages of the period, with the luck of conversion and of deal size taken "
        "out. Partners with little data are drawn towards all others. Intervals that overlap: do not rank the two.",
    ),
    "p_top": Term("P(top 20 %)", "Probability that the partner truly belongs to the best fifth of those ranked."),
    "p_bottom": Term("P(bottom 20 %)", "Probability that the partner truly belongs to the last fifth of those ranked."),
    "suggestion": Term(
        "Suggestion",
        "Double: at least 80 % sure to be in the best fifth. End: at least 80 % sure to be in the last fifth. Wait for "
        "data: stands in an outer fifth of the table, but that may be chance. Keep: the rest.",
        "A person decides.",
    ),
    "wrong_share": Term(
        "What the certainty buys",
        "The share of the partners named by a rule that do not truly belong to the fifth that the rule is about, "
        "on average over all worlds that fit the data.",
        "Acting on the table takes luck for merit; acting on the probability names fewer partners and errs less.",
    ),
    "needs_50_eqls": Term(
        "Act only on 50 EQLs",
        "Double and end are suggested only for partners with at least 50 EQLs in the period.",
        "It costs much and buys little: the probability knows already how little is known. In simulated companies it "
        "left only 4–9 % of the truly last partners to be found and made hardly any decision safer.",
    ),
    "decision": Term(
        "Decision",
        "What was decided in the review: keep, double, end, or wait for data.",
        "Saved with name, time and the numbers as they stood. Never rewritten: a later decision takes its place.",
    ),
    "budget": Term(
        "Budget",
        "What the partner may cost in the next period. Where no amount is named: ending frees its direct cost of the "
        "period, doubling needs as much again, keeping and waiting change nothing.",
        "Balance: freed − needed. Overhead is not in it: it is spent whichever partner stays.",
    ),
    "direct_cost": Term("Direct cost", "Costs of the period that name the partner, without its share of the overhead."),
    "new_partner": Term("New partner", "Joined within the six months up to the period's end."),
    "immature": Term(
        "Immature",
        "Most of the partner's leads of the period had less time than nine in ten leads need to become a deal.",
        "Its numbers will still grow.",
    ),
    "page_pipeline": Term(
        "Pipeline of a page",
        "Amount of the deals opened in the period whose lead saw this page first, whenever the lead was created.",
        "A partner's pages, and what came through none, add up to its pipeline created.",
    ),
    "reference": Term(
        "Reference",
        "A figure from outside, of unknown quality, drawn grey and dashed. It is never mixed with what was measured.",
    ),
    "target": Term("Target", "The goal that was imported for the quarter; nothing is drawn where there is none."),
    "traffic": Term("Sessions", "Visits to pages of partners, as counted by the web analytics that was imported."),
    "standing": Term(
        "Standing among its like",
        "Share of the other partners of its type that it surpasses, with the range that holds the true share at 90 %.",
        "Of all other partners where the type has fewer than five. Fewer days are better. Without whiskers: too few "
        "cases to tell how sure it is.",
    ),
    "weighted_pipeline": Term(
        "Weighted pipeline (estimated)",
        "Each open deal’s amount × the share of deals that, still open at its age, were won later; added up.",
        "Learned from all deals opened in the 24 months up to the period’s end; deals older than any of these weigh 0.",
    ),
    "typical_days": Term(
        "Typical age of a deal",
        "Days from opening to won, over all deals won in the last 12 months. Late: older than nine in ten of them.",
    ),
    "data_gaps": Term(
        "Gaps in the data",
        "What leads and deals of the 12 months up to the period’s end lack, and which number is lower for it.",
        "Untouched: created more than 30 days ago, never assigned, contacted, qualified, disqualified or made a deal, "
        "and nothing happened for 30 days.",
    ),
    "cumulative_won": Term(
        "Won over time",
        "Share of deals won within so many days of opening; losing competes, deals still open count as waiting.",
        "Deals opened in the 24 months up to the period’s end, with pointwise 95 % bands.",
    ),
    "quarantine": Term("Quarantine", "Rows of imported files that could not be understood, kept with the reason."),
    "data_version": Term("Data version", "A number that rises with every change of the data."),
    "as_of": Term("Data as of", "The moment at which the data were looked at. Nothing after it is seen."),
    **WHAT_IF_TERMS,
    **ARR_TERMS,
    **COSTS_TERMS,
    **FORECAST_TERMS,
    **CHANNEL_TERMS,
    **CONTENT_TERMS,
    **ATTRIBUTION_TERMS,
    **VITALS_TERMS,
}  # fmt: skip


def term(key: str) -> Term:
    """The entry of that key; KeyError where the glossary lacks it, so that no tooltip stays empty unnoticed."""
    return _TERMS[key]


def document() -> str:
    """The whole glossary as Markdown, as it stands in docs/glossary.md."""
    lines = [
        "# Glossary",
        "",
        "The words on screen. Written by `python -m dashboard.glossary`; the tooltips say the same.",
        "",
    ]
    lines += [
        f"**{entry.name}.** {' '.join(filter(None, (entry.meaning, entry.reading)))}\n"
        for entry in sorted(_TERMS.values(), key=lambda entry: entry.name.casefold())
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    (Path(__file__).resolve().parents[1] / "docs" / "glossary.md").write_text(document(), encoding="utf-8")
