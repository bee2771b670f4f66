"""How are costs looked up and changed in the page? The editable table, and the buttons below it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import blocks, frames, wording
from dashboard.domain import UserError
from dashboard.frames import cost_entries as asked
from dashboard.glossary import term
from dashboard.metrics.cost_table import CATEGORIES
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import cost_editor_drafts as drafting
from dashboard.views import cost_editor_forms, cost_editor_log, signature
from dashboard.views import cost_editor_state as state
from dashboard.views import cost_editor_words as words
from dashboard.views.cost_editor_drafts import NO_DRAFTS, Drafts, Drawn
from dashboard.views.cost_page_tables import EXACTLY
from data_access.cost_entries import PAGE_ROWS, Listed, Wanted
from data_access.cost_entry import ENTERED, Entry
from data_access.engine import DatabaseUnavailable

ROWS_IN_SIGHT = 14
# Session keys of what is not a widget.
DRAWN, LAST_GOOD, NEW_KEYS = (f"costs_{name}" for name in ("drawn", "last_good", "new_keys"))
_WHOSE = {"overhead": "Overhead", "channels": "Channels", "partners": "All partners"}


@dataclass(frozen=True, slots=True)
class Table:
    """What the table on screen was drawn from: the widget's key, the rows in it, and the drafts that it began with."""

    key: str
    drawn: Drawn
    base: Drafts


def draw(period: Period) -> None:
    """The editor: what an import went over, filters, table, buttons, templates and the log."""
    names = frames.choices().names
    may = state.may_edit()
    with blocks.panel("What did we pay for?", _SUBTITLE, "cost_kind", "cost_category"):
        if may:
            cost_editor_log.overtaken(names)
        wanted = _filters(period, names)
        found = _read(wanted, _leaf())
        if may:
            _editor(found, names, period)
            _leaves(found)
            _actions(names)
        else:
            _only_look(found, names)
    if may:
        cost_editor_forms.draw(period, names)
        cost_editor_log.draw(names)


_SUBTITLE = (
    "Cost rows, the newest first. Neither partner nor channel: overhead. The partner and channel filters beside do not "
    "apply here"
)


# What is looked at


def _filters(period: Period, names: words.Names) -> Wanted:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input("Find", key="costs_find", placeholder="Partner, channel, source", bind="query-params")
        categories = st.multiselect(
            "Category", CATEGORIES, format_func=wording.label, key="costs_category", bind="query-params",
            placeholder="All",
        )  # fmt: skip
        whose = st.selectbox(
            "Whose", [*_WHOSE, *(f"={key}" for key in sorted(names, key=lambda key: names[key].casefold()))],
            index=None, format_func=lambda key: _WHOSE.get(key) or names.get(key[1:], key[1:]), key="costs_whose",
            placeholder="All", bind="query-params",
        )  # fmt: skip
        every = st.toggle("All periods", key="costs_every", bind="query-params")
    first, end = (None, None) if every else (period.start.date(), period.end.date())
    return Wanted(first, end, tuple(categories), whose, text or "")


def _leaf() -> int:
    return int(st.session_state.get("costs_leaf") or 1) - 1


def _read(wanted: Wanted, leaf: int) -> Listed:
    """The rows; while nobody answers those that this session saw last, and a sentence that says so."""
    try:
        found = asked.listed(wanted, leaf)
        if not found.rows and leaf and found.total:
            found = asked.listed(wanted, 0)
    except DatabaseUnavailable:
        st.warning(words.AWAY, icon=":material/cloud_off:")
        kept: Listed = st.session_state.get(LAST_GOOD, Listed((), 0))
        return kept
    st.session_state[LAST_GOOD] = found
    return found


def _leaves(found: Listed) -> None:
    pages = -(-found.total // PAGE_ROWS)
    if pages > 1:
        st.pagination(pages, key="costs_leaf")
    shown = wording.count(len(found.rows))
    rows = wording.several(found.total, "row")
    blocks.remark(f"{shown} of {rows}." if pages > 1 else f"{rows}." if found.total else "No cost row meets this.")


# The table


def _editor(found: Listed, names: words.Names, period: Period) -> None:
    table = _table(found, period)
    rows = drafting.shown(list(table.drawn.saved.values()), table.base)
    st.data_editor(
        _frame(rows, table.base),
        key=table.key,
        hide_index=True,
        num_rows="dynamic",
        height=min(38 + 35 * (max(len(rows), 1) + 1), 38 + 35 * ROWS_IN_SIGHT),
        disabled=["state", "source"],
        column_config=_config(names, rows, table.drawn.blank),
        placeholder="",
        on_change=_typed,
        args=(table.key,),
        alt="Cost rows with partner, channel, category, first and last day, amount and currency; all can be changed",
    )


def _table(found: Listed, period: Period) -> Table:
    """The table that is on screen; anew where the rows, the filters or the drafts from elsewhere changed."""
    generation = state.generation()
    mark = zlib.crc32(repr((found.rows, period.label)).encode())
    key = f"costs_table_{generation}_{mark:x}"
    kept: Table | None = st.session_state.get(DRAWN)
    if kept is None or kept.key != key or key not in st.session_state:
        base = state.drafts()
        order = tuple(row.cost_id for row in drafting.shown(found.rows, base))
        blank = Entry(
            "", period_start=period.start.date(), period_end=period.end.date() - timedelta(days=1),
            currency=settings().currency,
        )  # fmt: skip
        st.session_state[NEW_KEYS] = []
        kept = Table(key, Drawn(order, {row.cost_id: row for row in found.rows}, blank, _new_key), base)
        st.session_state[DRAWN] = kept
    return kept


def _new_key(number: int) -> str:
    """The key of the table's so-and-so-many-th new row; the same as long as the table is."""
    keys: list[str] = st.session_state.setdefault(NEW_KEYS, [])
    while len(keys) <= number:
        keys.append(f"{ENTERED}-{state.fresh_key()}")
    return keys[number]


def _frame(rows: Sequence[Entry], base: Drafts) -> pl.DataFrame:
    def mark(row: Entry) -> str:
        return "new" if row.cost_id in base.added else "changed" if row.cost_id in base.edits else ""

    values: dict[str, pl.Series] = {
        "partner_id": pl.Series([row.partner_id for row in rows], dtype=pl.String),
        "category": pl.Series([row.category for row in rows], dtype=pl.String),
        "amount": pl.Series([None if row.amount is None else float(row.amount) for row in rows], dtype=pl.Float64),
        "currency": pl.Series([row.currency for row in rows], dtype=pl.String),
        "period_start": pl.Series([row.period_start for row in rows], dtype=pl.Date),
        "period_end": pl.Series([row.period_end for row in rows], dtype=pl.Date),
        "channel": pl.Series([row.channel for row in rows], dtype=pl.String),
        "state": pl.Series([mark(row) for row in rows], dtype=pl.String),
        "source": pl.Series([row.source for row in rows], dtype=pl.String),
    }
    return pl.DataFrame(values)


def _config(names: words.Names, rows: Sequence[Entry], blank: Entry) -> dict[str, ColumnConfig]:
    column = st.column_config
    partners = sorted({*names, *(row.partner_id for row in rows if row.partner_id)}, key=lambda key: _name(key, names))
    currencies = dict.fromkeys([*asked.currencies(), *(row.currency for row in rows if row.currency)])
    return {
        "partner_id": column.SelectboxColumn(
            "Partner", options=partners, format_func=lambda key: _name(key, names), width="medium", pinned=True
        ),
        "category": column.SelectboxColumn("Category", options=list(CATEGORIES), format_func=_label, width=100),
        "amount": column.NumberColumn("Amount", format=EXACTLY, step=0.01, width=100, help="A refund is negative."),
        "currency": column.SelectboxColumn("Currency", options=list(currencies), default=blank.currency, width=85),
        "period_start": column.DateColumn("First day", default=blank.period_start, format="D MMM YYYY", width=110),
        "period_end": column.DateColumn("Last day", default=blank.period_end, format="D MMM YYYY", width=110),
        "channel": column.TextColumn("Channel", max_chars=120, help=term("cost_kind").help, width=120),
        "state": column.TextColumn("", width=70),
        "source": column.TextColumn("Source", width=100, help="Where the row came from; `entered`: typed here."),
    }


def _name(partner_id: object, names: words.Names) -> str:
    name = names.get(str(partner_id), str(partner_id))
    return name if sum(other == name for other in names.values()) < 2 else f"{name} ({partner_id})"


def _label(value: object) -> str:
    return wording.label(str(value))


def _typed(key: str) -> None:
    table: Table = st.session_state[DRAWN]
    state.typed(drafting.typed(table.base, table.drawn, st.session_state[key]))


def _only_look(found: Listed, names: words.Names) -> None:
    blocks.remark("Your role may look at costs and not change them.")
    st.dataframe(
        _frame(found.rows, NO_DRAFTS).drop("state"),
        hide_index=True,
        height="content" if len(found.rows) <= ROWS_IN_SIGHT else 38 + 35 * ROWS_IN_SIGHT,
        column_config=_config(names, found.rows, Entry("")),
        alt="Cost rows",
    )
    _leaves(found)


# Saving


def _actions(names: words.Names) -> None:
    own = state.drafts()
    number = len(own.changes)
    wrong = words.wrong(own, names)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        signature.name_field("costs_name")
        st.button(
            f"Save {wording.several(number, 'row')}" if number else "Save", type="primary", key="costs_save",
            icon=":material/save:", disabled=not number, on_click=_save, args=(names,),
        )  # fmt: skip
        if own:
            st.button("Discard", key="costs_discard", type="tertiary", on_click=state.keep, args=(NO_DRAFTS,))
    blocks.remark(wording.plain(words.to_be_saved(own)))
    blocks.remark(words.still_missing(own, _untouched(), bool(signature.author().strip())))
    for said in wrong:
        st.markdown(f":orange[:material/error: {wording.plain(said)}]")
    for said in (
        words.deletions(own, names),
        words.unknown_channels(own, [*asked.cost_channels(), *frames.choices().channels]),
        words.unconverted(own, asked.currencies()),
    ):
        blocks.remark(wording.plain(said))
    _say(names)


def _untouched() -> int:
    """How many rows were added to the table on screen in which nothing is typed yet."""
    table: Table | None = st.session_state.get(DRAWN)
    return 0 if table is None else drafting.untouched(table.drawn, st.session_state.get(table.key) or {})


def _save(names: words.Names) -> None:
    own = state.drafts()
    if not state.may_edit():
        state.tell("Your role may look at costs and not change them: nothing was saved.")
        return
    if drafting.troubles(own):
        state.tell("Nothing was saved yet: mend the rows named below the table, or discard them. What you typed stays.")
        return
    try:
        done = asked.save(own.changes, signature.author())
    except UserError as error:
        state.tell(str(error))
        return
    state.keep(drafting.after_saving(own, done.changes, done.conflicts))
    if done.changes:
        state.saved(done.entry_id, words.done(done.changes))
        st.toast(words.done(done.changes), icon=":material/check:")
    state.tell(words.conflicts(done.conflicts, names))


def _say(names: words.Names) -> None:
    """What came of the last click, and the way back."""
    message, made = state.message(), state.last_save()
    if message:
        st.warning(wording.plain(message))
    if made:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(made[1], width="content")
            st.button(
                "Undo", key="costs_undo", type="tertiary", icon=":material/undo:", on_click=state.take_back,
                args=(made[0], names),
            )  # fmt: skip
