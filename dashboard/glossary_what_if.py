"""What do the words of the page "Scoring what-if" mean? The part of the glossary that is about scorecards."""

from __future__ import annotations

from dashboard.glossary_term import Term

WHAT_IF_TERMS = {
    "scenario": Term(
        "Scenario",
        "The scorecard that is tried out, beside the active one, on leads that came in already.",
        "Points, threshold, triggers and gates can be moved; nothing changes for anybody until it is published.",
    ),
    "threshold": Term(
        "Threshold",
        "The points from which on a lead qualifies, all other gates being passed. A score on the threshold does.",
    ),
    "qualified_by_model": Term(
        "Qualified by model",
        "Leads of the period that a scoring model calls EQLs: enough points and triggers, and every gate that it asks "
        "for. By the model alone, whatever the CRM recorded.",
        "Only what was known before sales took over counts.",
    ),
    "gained": Term("Gained", "Leads that qualify in the scenario and do not by the active model."),
    "dropped": Term("Dropped", "Leads that qualify by the active model and do not in the scenario."),
    "forgone": Term(
        "Forgone",
        "What was won from leads that the scenario drops: had it been in force, sales would not have worked them.",
        "Observed. Some might have come anyway; nobody can tell.",
    ),
    "observed": Term(
        "Seen",
        "What became of qualified leads that sales worked (assigned or contacted), up to the moment of the data.",
        "Where a source records no sales work at all, a lead counts as worked once it was sales-qualified or had a "
        "deal.",
    ),
    "estimated": Term(
        "Estimated (est.)",
        "What qualified leads that sales never worked would have brought, by a model of what became of the worked "
        "ones: their levels, their score and their partner.",
        "With a 95 % interval. Always drawn apart from what was seen, never added up silently.",
    ),
    "estimated_share": Term(
        "Share that is estimated", "How much of the change in wins is estimated; the rest was seen."
    ),
    "supported_share": Term(
        "Share that worked leads support",
        "How many of the never-worked leads behind the estimate have a score near which at least 50 leads were worked "
        "and three of them won.",
        "Under a half, no estimate is given: only the most that is possible.",
    ),
    "most_possible": Term(
        "At most",
        "The gained leads × the highest win rate that the worked leads just above the threshold allow (upper limit, "
        "95 %, Clopper–Pearson).",
        "Holds as long as leads with fewer points are not won more often.",
    ),
    "continuation": Term(
        "Smooth continuation",
        "The estimate where no lead was worked: the win rate is taken to change with the score there as smoothly as it "
        "does where leads were worked.",
        "An assumption, not data: nothing that was seen could contradict it.",
    ),
    "sensitivity": Term(
        "Sensitivity",
        "How much more often than like leads those were won that sales picked by hunch, for reasons that no field "
        "records (odds, Rosenbaum’s Γ). It lowers the lower limit of the estimate.",
        "1: the fields tell everything. 1.25: the usual caution. 2: a stress test. Not needed where a random few were "
        "worked.",
    ),
    "hunch": Term(
        "Worked by hunch",
        "Leads that did not qualify and were worked all the same, without being drawn at random.",
        "They were picked, so they win more often than like leads. The estimate allows for it.",
    ),
    "experiment": Term(
        "Random sample",
        "A few leads below the threshold, drawn at random and worked like the others. Mark them with `experiment`.",
        "Five in a hundred are enough to nearly halve the interval of the estimate, and nobody has to guess any more.",
    ),
    "precision": Term(
        "Precision",
        "Won ÷ worked, among qualified leads created more than 180 days ago.",
        "With the 95 % interval (Wilson). Younger leads had too little time.",
    ),
    "recall": Term(
        "Recall",
        "ARR of the qualified leads ÷ ARR of all leads of the period, as far as it was seen.",
        "Leads that nobody worked bring nothing in either; so recall flatters the threshold in force.",
    ),
    "both_triggers": Term(
        "Both-trigger share",
        "Of the leads that qualify, the share with at least two different triggers; the goal is 80 %.",
        "100 % by construction where the model asks for two.",
    ),
    "workload": Term(
        "Workload",
        "Qualified leads per week ÷ the leads that sales can work in a week (representatives × leads of each).",
        "Above 100 % somebody waits. That more leads mean less effort for each is not in the estimate.",
    ),
    "cost_of_working": Term(
        "Cost of working", "Qualified leads × what working one lead costs sales; a setting, changed on this page."
    ),
    "what_if_cost_per_qualified": Term(
        "Cost per EQL (model)",
        "Programme cost of the period ÷ leads that qualify by the model.",
        "Programme cost as on the Overview; “–” where the data hold none.",
    ),
    "goal": Term(
        "Goal",
        "What a good threshold should bring: ARR seen and expected, less the cost of working each qualified lead; or "
        "as many leads as sales can work.",
    ),
    "best_range": Term(
        "Best range",
        "The thresholds among which the best one lies with a probability of 90 %, given what the data leave open.",
        "Any of them may be the best; a single best number would be right in one of three cases.",
    ),
    "calibration": Term(
        "Calibration",
        "Whether leads are won as often as their score suggests: predicted beside observed, band by band.",
        "Among worked leads, with 95 % intervals.",
    ),
    "discrimination": Term(
        "Discrimination (AUC)",
        "The probability that a lead that was won has more points than one that was not; 0.5 is a coin.",
        "Among worked leads only, who all had many points: over all leads it would be higher.",
    ),
    "reweighting": Term(
        "Suggested points",
        "Points fitted to what older leads became (regularised logistic regression on the levels), rounded to the "
        "scale, and judged on newer leads that they were not fitted to.",
    ),
    "source_points": Term(
        "Points by source", "How many points leads of each channel get on average, beside how often they are won."
    ),
    "audit": Term(
        "Audit",
        "A look at whether the scorecard still fits, agreed with the partners every 30 days.",
    ),
    "crm_score": Term(
        "CRM score", "The score that the CRM carries, beside the one that the active model gives from the same data."
    ),
    "flip": Term("Leads that flip", "Leads that the scenario gains or drops."),
}
