"""How do people as FTE, seats and tools get into the cost table without typing a row a month?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import streamlit as st

from dashboard import blocks, wording
from dashboard.domain import UserError
from dashboard.frames import cost_entries as asked
from dashboard.glossary import term
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import cost_editor_drafts as drafting
from dashboard.views import cost_editor_state as state
from dashboard.views import cost_editor_words as words
from dashboard.views.cost_editor_templates import TEMPLATES, Order, Template, rows_of
from data_access.cost_entry import FIRST_DAY, LAST_DAY, unread_days

_BY_KEY = {template.key: template for template in TEMPLATES}
_FIELDS = ("quantity", "price", "currency", "first", "last", "partner")


def draw(period: Period, names: words.Names) -> None:
    """A form that turns a price and a stretch of time into rows of the table, one a month."""
    with st.expander("Add people as FTE, seats and other regular costs", icon=":material/playlist_add:"):
        blocks.remark(
            "Fills the table with a row a month, which you can still change; nothing is saved before you save it. "
            "Reference amounts are one source’s, in US dollars, of unknown quality: put your own in their place."
        )
        key = st.selectbox(
            "What", list(_BY_KEY), format_func=lambda key: _BY_KEY[key].name, key="costs_template",
            help=term("cost_reference").help,
        )  # fmt: skip
        template = _BY_KEY[key]
        blocks.remark(template.reference)
        _form(template, period, names)


def _form(template: Template, period: Period, names: words.Names) -> None:
    key = {name: f"costs_{template.key}_{period.label}_{name}" for name in _FIELDS}
    per = f"What one {_one(template)} costs a {template.per.value}"
    with st.form(f"costs_form_{template.key}", border=False, enter_to_submit=False):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.number_input(
                f"How many {template.counted}", 0.0, 10_000.0, float(template.quantity), 0.25, key=key["quantity"],
                help=term("fte").help if template.counted == "FTE" else None,
            )  # fmt: skip
            price = None if template.price is None else float(template.price)
            st.number_input(per, 0.0, 1e9, price, key=key["price"], placeholder="Fill in")
            st.selectbox("Currency", asked.currencies() or (settings().currency,), key=key["currency"])
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            first, last = period.start.date(), period.end.date() - timedelta(days=1)
            st.date_input(
                "First day", first, min_value=FIRST_DAY, max_value=LAST_DAY, key=key["first"], format="YYYY-MM-DD"
            )
            st.date_input(
                "Last day", last, min_value=FIRST_DAY, max_value=LAST_DAY, key=key["last"], format="YYYY-MM-DD"
            )
            st.selectbox(
                "For", sorted(names, key=lambda key: names[key].casefold()), index=None, key=key["partner"],
                format_func=lambda key: names.get(key, key), placeholder="Everybody: overhead",
            )  # fmt: skip
        st.form_submit_button(
            "Add to the table", icon=":material/playlist_add:", on_click=_add, args=(template, key), key="costs_add"
        )


def _one(template: Template) -> str:
    return "FTE" if template.counted == "FTE" else template.counted.removesuffix("s")


def _add(template: Template, key: dict[str, str]) -> None:
    said = {name: st.session_state.get(field) for name, field in key.items()}
    try:
        if said["first"] is None or said["last"] is None:
            raise UserError(unread_days(said["first"], said["last"]))
        order = Order(
            template, Decimal(str(said["quantity"] or 0)), Decimal(str(said["price"] or 0)), said["first"],
            said["last"], said["partner"], said["currency"] or settings().currency,
        )  # fmt: skip
        rows = rows_of(order, state.fresh_key)
    except UserError as error:
        state.tell(str(error))
        return
    state.keep(drafting.with_rows(state.drafts(), rows))
    total = wording.money_exactly(float(sum(row.amount or 0 for row in rows)), order.currency)
    st.toast(f"{wording.several(len(rows), 'row')} added to the table, {total} in all: save them.")
