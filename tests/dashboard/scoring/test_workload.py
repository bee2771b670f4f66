"""Is the load a share of what sales can work, and the cost spread over qualified leads?"""

from __future__ import annotations

import numpy as np

from dashboard.scoring.workload import cost_per_lead, load


def test_load_is_leads_a_week_by_capacity() -> None:
    """2,600 leads in 13 weeks are 200 a week: all that ten representatives with 20 each can work."""
    assert load(2600, 13, 200) == 1.0
    found = load([0, 1300, 5200], 13, 200)
    assert found is not None and found.tolist() == [0.0, 0.5, 2.0]


def test_no_period_and_no_capacity_have_no_load() -> None:
    assert load(10, 0, 200) is None
    assert load([1, 2], 13, 0) is None


def test_cost_is_spread_over_qualified_leads() -> None:
    """1,000 over 10, 4 and no leads: 100, 250, nothing."""
    found = cost_per_lead(np.array([10, 4, 0]), 1000.0)
    assert found is not None and found[:2].tolist() == [100.0, 250.0] and np.isnan(found[2])


def test_unknown_costs_and_credits_have_no_cost_of_a_lead() -> None:
    assert cost_per_lead([1], None) is None
    assert cost_per_lead([1], 0.0) is None
    assert cost_per_lead([1], -5.0) is None
