"""How do several scenarios compare, and what does one change? Rows for a table and sentences; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from dashboard import wording
from dashboard.scoring.edits import difference
from dashboard.scoring.expected import Range
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.what_if import WhatIf
from dashboard.views.what_if_numbers import CENTS, Basis, load_text, signed_count
from data_access.scenarios import Scenario
from data_access.scoring_models import Version

MOST_PARTNERS = 6
PROGRAM = "The scorecard that comes with the program"


def changes(before: ScoringModel | None, after: ScoringModel | None) -> str:
    """What one has that the other has not, but for its name; “the same” where nothing differs."""
    if before is None or after is None:
        return wording.NOTHING
    words = [change.words for change in difference(before, after).changes if change.about != "name"]
    return "; ".join(words) or "the same"


def rows(found: Sequence[Scenario], active: ScoringModel) -> pl.DataFrame:
    """One row a saved scenario, the newest first."""
    return pl.DataFrame(
        {
            "number": [own.scenario_id for own in found],
            "name": [own.name for own in found],
            "changes": [own.trouble or changes(active, own.model) for own in found],
            "author": [own.author for own in found],
            "saved": [own.created_at for own in found],
            "note": [own.note for own in found],
            "parent": [own.parent for own in found],
        },
        schema={
            "number": pl.Int64, "name": pl.String, "changes": pl.String, "author": pl.String,
            "saved": pl.Datetime("us", "UTC"), "note": pl.String, "parent": pl.Int64,
        },
    )  # fmt: skip


def option(own: Scenario) -> str:
    """A scenario in a list: number, name, author."""
    return f"{own.scenario_id} · {own.name} · {own.author}"


def comparison(columns: Mapping[str, WhatIf], basis: Basis) -> pl.DataFrame:
    """One row a measure, one column a scenario, all in words; the first column is the active model."""
    measures: dict[str, Callable[[WhatIf], str]] = {
        "Threshold": lambda own: str(own.model.threshold),
        "EQLs": lambda own: wording.count(own.qualified.leads),
        "Against the active model": lambda own: signed_count(own.qualified.leads - own.active_qualified.leads) or "–",
        "Gained": lambda own: wording.count(own.gained.leads),
        "Dropped": lambda own: wording.count(own.dropped.leads),
        "SQLs seen": lambda own: wording.count(own.qualified.sqls),
        "Wins seen": lambda own: wording.count(own.qualified.won),
        "Wins estimated": _wins,
        "ARR seen": lambda own: wording.money(own.qualified.arr / CENTS, basis.currency),
        "ARR estimated": lambda own: _arr(own, basis.currency),
        "ARR forgone": lambda own: wording.money(own.dropped.arr / CENTS, basis.currency),
        "Precision": _share,
        "Recall": lambda own: wording.rate(own.recall),
        "Both triggers": lambda own: wording.rate(own.both_triggers.value, 0),
        "Sales load": lambda own: load_text(basis, own.qualified.leads),
        "Cost per EQL": lambda own: wording.money(basis.cost_per(own.qualified.leads), basis.currency),
    }
    found = {name: [of(own) for of in measures.values()] for name, own in columns.items()}
    return pl.DataFrame({"Measure": list(measures), **found})


def _wins(own: WhatIf) -> str:
    guess = own.expected
    if guess is None:
        return wording.NOTHING
    return _range(guess.wins, guess.refused, guess.bound, lambda value: wording.count(value))


def _arr(own: WhatIf, currency: str) -> str:
    guess = own.expected
    if guess is None:
        return wording.NOTHING
    return _range(guess.arr, guess.refused, guess.bound_arr, lambda value: wording.money(value / CENTS, currency))


def _range(found: Range, refused: bool, bound: float | None, form: Callable[[float], str]) -> str:
    if refused:
        return f"unknown, at most {form(bound)}" if bound is not None and bound == bound else "unknown"
    if found.value is None or found.low is None or found.high is None or found.value != found.value:
        return wording.NOTHING
    return f"{form(found.value)} ({form(found.low)} to {form(found.high)})"


def _share(own: WhatIf) -> str:
    found = own.precision
    if found.value is None:
        return wording.NOTHING
    return f"{wording.rate(found.value)} ({wording.interval(found, 0)}, n = {wording.count(found.n)})"


# What publishing does, before it is done


def consequences(found: WhatIf, name: str) -> str:
    """How many leads of the period come in and fall out once it is active."""
    gained, dropped = found.gained.leads, found.dropped.leads
    if not gained and not dropped:
        return f"The same leads of {name} qualify."
    return (
        f"Of {wording.several(found.cohort.leads, 'lead')} of {name} {wording.count(gained)} come in and "
        f"{wording.count(dropped)} fall out: {wording.several(found.qualified.leads, 'EQL')} instead of "
        f"{wording.count(found.active_qualified.leads)}."
    )


def partners(found: WhatIf, names: Mapping[str, str]) -> str:
    """Which partners' EQLs change, the most changed first; empty where none do. Names are made safe for Markdown."""
    changed = [own for own in found.partners if own.partner_id is not None and own.changed]
    if not changed:
        return ""
    order = sorted(changed, key=lambda own: (-(own.gained + own.dropped), own.partner_id or ""))
    said = [
        f"{wording.plain(names.get(own.partner_id or '', own.partner_id))} ({own.active_qualified} → {own.qualified})"
        for own in order[:MOST_PARTNERS]
    ]
    more = len(order) - len(said)
    said += [f"{wording.count(more)} more"] if more else []
    return f"EQLs change for {wording.several(len(order), 'partner')}: {wording.enumeration(said)}."


def published_words(own: Version) -> str:
    """A version in a list: `version 3 · Looser`."""
    return f"version {own.version} · {own.name}"
