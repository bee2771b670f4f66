"""What do the decisions cost? Freed by ending, needed by doubling, and the balance, as chosen on screen."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from dashboard import blocks, wording
from dashboard.glossary import term
from dashboard.metrics.budget import Budget
from dashboard.views import review_words as words


def sentence(budget: Budget, currency: str) -> str:
    """The budget in one line."""
    if not budget.lines:
        return "Nothing is decided yet: freed, needed and balance appear as you choose."
    freed, needed, balance = (wording.money(value, currency) for value in (budget.freed, budget.needed, budget.balance))
    lacking = f" · {wording.several(budget.unnamed, 'budget')} to be named" if budget.unnamed else ""
    return f"Freed {freed} · needed {needed} · **balance {balance}**{lacking}"


def show(budget: Budget, names: Mapping[str, str], currency: str) -> None:
    """The line, and behind it the table of what moves."""
    st.markdown(f"**Budget.** {sentence(budget, currency)}".replace("$", "\\$"), help=term("budget").help)
    moved = [line for line in budget.lines if line.after is None or line.freed or line.needed]
    if not moved:
        return
    sign = wording.symbol(currency).strip()
    with st.expander(f"Line by line ({wording.count(len(moved))})"):
        st.dataframe(
            pl.DataFrame(
                {
                    "Partner": [names[line.partner_id] for line in moved],
                    "Decision": [words.SUGGESTIONS[line.decision] for line in moved],
                    f"Spent {sign}": [line.before for line in moved],
                    f"Next {sign}": [line.after for line in moved],
                    f"Freed {sign}": [line.freed for line in moved],
                    f"Needed {sign}": [line.needed for line in moved],
                },
                strict=False,
            ),
            hide_index=True,
            column_config={
                "Partner": st.column_config.TextColumn(pinned=True),
                f"Spent {sign}": st.column_config.NumberColumn(format="localized", help=term("direct_cost").help),
                **{f"{name} {sign}": st.column_config.NumberColumn(format="localized")
                   for name in ("Next", "Freed", "Needed")},
            },
            alt="Budget line by line",
        )  # fmt: skip
        blocks.remark(
            "Spent: direct cost in the reviewed period. Next: the budget that was named, else by the decision."
        )
