"""What is odd about the rows: which were left out, could not be converted, or contradict themselves?"""

from __future__ import annotations

from tests.reference.counted import Counted
from tests.reference.question import Question


def data_health(question: Question, counted: Counted) -> dict:
    """Counts of leads left out, and the keys of deals and costs that count only in part, as of the instant."""
    rows, deals, costs = counted.tables["lead"], counted.deals, counted.tables["cost"]
    seen = [row for row in rows if question.seen(row["created_at"])]
    rate = counted.rates.rate
    return {
        "leads_after_as_of": len(rows) - len(seen),
        "test_leads": sum(row["is_test"] for row in seen),
        "deleted_leads": counted.deleted_leads,
        "merged_leads": counted.merged_leads,
        "unattributed_deals": sum(deal.lead is None for deal in deals),
        "unconverted_deals": sorted(deal.deal_id for deal in deals if deal.unconverted),
        "unconverted_costs": sorted(
            row["cost_id"] for row in costs if rate(row["currency"], row["period_start"]) is None
        ),
        "closed_without_date": sorted(deal.deal_id for deal in deals if deal.outcome == "undated"),
        "negative_durations": sorted(deal.deal_id for deal in deals if deal.days is not None and deal.days < 0),
    }
