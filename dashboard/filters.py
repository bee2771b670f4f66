"""What is looked at? The filters in the sidebar, each part of the link. The only place that knows widget keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import period as periods
from dashboard import wording
from dashboard.domain import UserError
from dashboard.settings import Settings, settings

if TYPE_CHECKING:
    from dashboard.frames import Choices

PREVIOUS, YEAR_BEFORE, NONE = "previous", "year_before", "none"
_COMPARISONS = {PREVIOUS: "Previous", YEAR_BEFORE: "Last year", NONE: "None"}
_QUARTERS_OFFERED = 12
NOT_SET = ""  # stands for partners whose type, tier or region is missing
_NOBODY = "\x00"  # no key of a partner: Postgres keeps no such text


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen. `period_text` is canonical (`2026-Q3`); empty tuples mean "all"."""

    period_text: str
    comparison: str = PREVIOUS
    partners: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def period(self) -> periods.Period:
        """The chosen period."""
        return periods.parse_period(self.period_text, settings())

    @property
    def compared(self) -> periods.Period | None:
        """The period to compare with; None where nothing is compared."""
        if self.comparison == NONE:
            return None
        shift = periods.previous if self.comparison == PREVIOUS else periods.year_before
        return shift(self.period, settings())

    def partner_ids(self, choices: Choices) -> frozenset[str] | None:
        """The partners that meet all of partner, type, tier and region; None where none of these is chosen."""
        if not (self.partners or self.types or self.tiers or self.regions):
            return None
        return frozenset(
            partner.partner_id
            for partner in choices.partners
            if (not self.partners or partner.partner_id in self.partners)
            and (not self.types or (partner.partner_type or NOT_SET) in self.types)
            and (not self.tiers or (partner.tier or NOT_SET) in self.tiers)
            and (not self.regions or (partner.region or NOT_SET) in self.regions)
        )


def without_partners(filters: Filters) -> Filters:
    """The same choice, but only the leads of nobody: the other channels, for comparison."""
    return replace(filters, partners=(_NOBODY,), types=(), tiers=(), regions=())


@dataclass(frozen=True, slots=True)
class _Select:
    """One multiselect: its key (also its name in the link), its label, and its options with what they are called."""

    key: str
    title: str
    options: tuple[str, ...]
    names: dict[str, str] = field(compare=False)


def sidebar(choices: Choices, now: datetime | None = None) -> Filters:
    """Draws the filters and returns what is chosen; wrong values in the link are left out, with a note."""
    today = reference(choices, now or datetime.now(UTC))
    selects = _selects(choices)
    notes = _read_link(selects, default_period(choices, today))
    with st.sidebar:
        period_text = _period(choices, today)
        comparison = st.segmented_control(
            "Compare with", list(_COMPARISONS), format_func=_COMPARISONS.__getitem__, default=PREVIOUS,
            key="against", bind="query-params", required=True, width="stretch",
        )  # fmt: skip
        chosen = {select.key: _multiselect(select) for select in selects}
        filters = Filters(period_text, comparison or PREVIOUS, *(chosen[key] for key in _KEYS))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(summary(filters, choices), width="stretch")
            st.button("Reset", key="reset", type="tertiary", icon=":material/restart_alt:", on_click=_reset)
        _show(notes, filters)
    st.session_state["filters"] = filters
    return filters


def chosen() -> Filters:
    """What the sidebar holds, for the page that is being drawn."""
    filters: Filters = st.session_state["filters"]
    return filters


def offer_default(choices: Choices) -> None:
    """The way out of a period without numbers: what the page shows by itself, or the quarter of the newest data."""
    text = _in_link(default_period(choices, reference(choices, datetime.now(UTC))))
    if text == _in_link(chosen().period_text) and choices.latest is not None:
        text = _in_link(periods.text(periods.current_quarter(choices.latest, settings())))
    with st.container(border=True):
        st.markdown(f"There are no numbers for this period. {_reach(choices)}")
        st.button(f"Show {text}", type="primary", on_click=_choose_period, args=(text,))


def _reach(choices: Choices) -> str:
    if choices.earliest is None or choices.latest is None:
        return ""
    return f"The data reach from {wording.day(choices.earliest)} to {wording.day(choices.latest)}."


def _choose_period(text: str) -> None:
    st.session_state["period"] = text


def reference(choices: Choices, now: datetime) -> datetime:
    """The moment from which "this quarter" is told: now, or the newest data where these ended long ago."""
    latest = choices.latest
    if latest is None or latest >= periods.last_full_quarter(now, settings()).start:
        return now
    return latest


def default_period(choices: Choices, today: datetime) -> str:
    """The last full quarter; the running one where the data do not reach back so far."""
    last = periods.last_full_quarter(today, settings())
    if choices.earliest is not None and choices.earliest >= last.end:
        return periods.text(periods.current_quarter(today, settings()))
    return periods.text(last)


def summary(filters: Filters, choices: Choices) -> str:
    """What is chosen, in one line: `Q3 2026 against Q2 2026 · 12 partners · EMEA`."""
    parts = [_name(filters.period_text)]
    if filters.compared is not None:
        parts[0] += f" against {_name(filters.compared.label)}"
    ids = filters.partner_ids(choices)
    if ids is not None:
        only = [partner.name for partner in choices.partners if partner.partner_id in ids]
        parts.append(only[0] if len(only) == 1 else wording.several(len(only), "partner"))
    for values in (filters.types, filters.tiers, filters.regions, filters.channels):
        if values:
            parts.append(wording.enumeration([wording.label(value) for value in values]))
    return wording.plain(" · ".join(parts))


# Period

_PRESETS = ("Last quarter", "This quarter", "This year", "12 months", "Dates")


def presets(today: datetime) -> dict[str, str]:
    """The canonical period behind each preset."""
    current = periods.current_quarter(today, settings())
    tomorrow = today.date() + timedelta(days=1)
    year_ago = periods.months_before(datetime.combine(tomorrow, time(), today.tzinfo), 12).date()
    fiscal_year = current.label.split("-")[0]
    return dict(
        zip(
            _PRESETS,
            (
                periods.text(periods.last_full_quarter(today, settings())),
                periods.text(current),
                fiscal_year,
                f"{year_ago}..{tomorrow}",
            ),
            strict=False,
        )
    )


def read_period(text: str, settings: Settings) -> str | None:
    """The canonical text of what a person or a link says (`Q3 2026`, `2026-Q3`, `2026`, days); None if it is none."""
    text = re.sub(r"^Q([1-4]) (?:FY )?(\d{4})$", r"\2-Q\1", text.strip())
    text = re.sub(r"^FY (\d{4})$", r"\1", text)
    try:
        return periods.text(periods.parse_period(text, settings))
    except UserError:
        return None


def _period(choices: Choices, today: datetime) -> str:
    default = default_period(choices, today)
    options = [_in_link(text) for text in _offered(choices, today)]
    asked = read_period(_said(), settings())
    known = asked or default
    options = list(dict.fromkeys([*options, _said() if asked else _in_link(known)]))
    by_preset = presets(today)
    st.session_state["preset"] = next((name for name, text in by_preset.items() if text == known), None) or (
        "Dates" if ".." in known else None
    )
    st.pills(
        "Period", _PRESETS, key="preset", on_change=_apply_preset, args=(by_preset, known), width="stretch", wrap=True
    )
    said = st.selectbox(
        "Period by name", options, index=None, key="period", bind="query-params", accept_new_options=True,
        placeholder=_in_link(default), label_visibility="collapsed",
        help="A quarter (2026-Q3), a month (2026-07), a year (2026) or days (2026-01-01..2026-07-01).",
    )  # fmt: skip
    text = read_period(said or "", settings())
    if said and text is None:
        st.markdown(f":small[:orange[“{wording.plain(said[:40])}” is no period: try 2026-Q3, 2026-07 or 2026.]]")
    text = text or default
    if ".." in text:
        _dates(text)
    return text


def _said() -> str:
    """The period before its widget is drawn: at first the link's, later the widget's."""
    return st.session_state.get("period") or ("" if "period" in st.session_state else st.query_params.get("period", ""))


def _offered(choices: Choices, today: datetime) -> list[str]:
    current = periods.current_quarter(today, settings())
    quarters = [current]
    while len(quarters) < _QUARTERS_OFFERED and (
        choices.earliest is None or quarters[-1].start > choices.earliest or len(quarters) < 2
    ):
        quarters.append(periods.previous(quarters[-1], settings()))
    years = dict.fromkeys(quarter.label.split("-")[0] for quarter in quarters)
    return [quarter.label for quarter in quarters] + list(years)


def _apply_preset(by_preset: dict[str, str], known: str) -> None:
    preset = st.session_state["preset"]
    if preset == "Dates":
        current = periods.parse_period(known, settings())
        st.session_state["period"] = f"{current.start:%Y-%m-%d}..{current.end:%Y-%m-%d}"
    elif preset is not None:
        st.session_state["period"] = _in_link(by_preset[preset])


def _dates(text: str) -> None:
    current = periods.parse_period(text, settings())
    st.session_state["dates"] = (current.start.date(), current.end.date() - timedelta(days=1))
    st.date_input(
        "From and to, both included", key="dates", on_change=_apply_dates, format="YYYY-MM-DD",
        min_value=date(1970, 1, 1), max_value=date(2199, 12, 31),
    )  # fmt: skip


def _apply_dates() -> None:
    days: tuple[date, ...] = st.session_state["dates"]
    if len(days) == 2:
        st.session_state["period"] = f"{days[0]}..{days[1] + timedelta(days=1)}"


def _name(text: str) -> str:
    return wording.period_name(text, settings().fiscal_year_start)


def _in_link(text: str) -> str:
    """A period as the link and the list say it: `Q3 2026`; days stay as they are, since they must be read back."""
    return text if ".." in text else _name(text)


# Link

_KEYS = ("partner", "type", "tier", "region", "channel")
LINK_KEYS = ("period", "against", *_KEYS)


def _selects(choices: Choices) -> list[_Select]:
    names = [partner.name for partner in choices.partners]
    partners = {
        p.partner_id: p.name if names.count(p.name) == 1 else f"{p.name} ({p.partner_id})" for p in choices.partners
    }
    return [
        _Select("partner", "Partners", tuple(sorted(partners, key=lambda key: partners[key].casefold())), partners),
        *(
            _Select(key, title, tuple(value or NOT_SET for value in values), _labels(values))
            for key, title, values in (
                ("type", "Partner type", choices.types),
                ("tier", "Tier", choices.tiers),
                ("region", "Region", choices.regions),
                ("channel", "Channel", choices.channels),
            )
        ),
    ]


def _labels(values: Sequence[str | None]) -> dict[str, str]:
    return {value or NOT_SET: wording.label(value) for value in values}


def _multiselect(select: _Select) -> tuple[str, ...]:
    if not select.options:
        return ()
    values = st.multiselect(
        select.title, select.options, format_func=lambda value: select.names.get(value, value), key=select.key,
        bind="query-params", placeholder="All",
    )  # fmt: skip
    return tuple(value for value in values if value in select.names)


def _read_link(selects: list[_Select], default: str) -> list[str]:
    """What the link asks for and cannot have; read once, when the page is opened.

    A link without a period gets the one that is shown, so that it shows the same in a year's time.
    """
    if "link_read" in st.session_state:
        return []
    st.session_state["link_read"] = True
    if not st.query_params.get("period"):
        st.session_state["period"] = st.query_params["period"] = _in_link(default)
    wrong = []
    for select in selects:
        known = set(select.names.values())
        wrong += [value for value in st.query_params.get_all(select.key) if value and value not in known]
    return wrong


def _show(notes: list[str], filters: Filters) -> None:
    """The note stays until something else is chosen."""
    if notes:
        st.session_state["link_notes"] = (notes, filters)
    kept: tuple[list[str], Filters] | None = st.session_state.get("link_notes")
    if kept and kept[1] == filters:
        names = wording.enumeration([f"“{wording.plain(text[:40])}”" for text in kept[0][:3]])
        st.markdown(
            f":small[:orange[The link asked for {names}, which {'is' if len(kept[0]) == 1 else 'are'} not here.]]"
        )


def _reset() -> None:
    empty: dict[str, Any] = {"period": None, "against": PREVIOUS} | {key: [] for key in _KEYS}
    for key, value in empty.items():
        st.session_state[key] = value
